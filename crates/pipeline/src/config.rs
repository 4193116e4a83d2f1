/// What the corridor is built from: each room's own config.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `[state]`
    pub state: ledger::Config,
    /// `[outbox]`
    pub outbox: ledger::OutboxConfig,
    /// `[fetch]`
    pub fetch: fetch::Config,
    /// `[schedule]`
    pub schedule: schedule::Config,
    /// `[enrich]`
    pub enrich: enrich::Config,
    /// `[sink]`
    pub sink: deliver::SinkConfig,
    /// `[kafka]`
    pub kafka: deliver::kafka::Config,
}
