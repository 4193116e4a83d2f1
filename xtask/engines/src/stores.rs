//! Three engines behind the few words that the ledger needs.

use anyhow::{Context, Result, bail};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// One synced batch.
#[derive(Default)]
pub struct Batch {
    /// Keys and their values.
    pub keys: Vec<([u8; 16], Vec<u8>)>,
    /// Rows of the outbox.
    pub rows: Vec<(u64, Vec<u8>)>,
    /// The counters.
    pub last: u64,
    /// Rows that are delivered.
    pub trim: Range<u64>,
}

/// What the ledger asks of an engine.
pub trait Store {
    /// Whether a key is there.
    fn has(&self, key: &[u8; 16]) -> Result<bool>;
    /// Writes a batch whole and syncs it.
    fn commit(&mut self, batch: &Batch) -> Result<()>;
    /// The counters.
    fn last(&self) -> Result<Option<u64>>;
    /// How many rows wait.
    fn rows(&self) -> Result<u64>;
    /// Bytes on disk.
    fn disk_bytes(&self) -> Result<u64>;
}

/// The engines.
#[derive(Clone, Copy)]
pub enum Kind {
    Fjall,
    Redb,
    Rocksdb,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Fjall, Self::Redb, Self::Rocksdb];
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fjall => "fjall",
            Self::Redb => "redb",
            Self::Rocksdb => "rocksdb",
        })
    }
}

impl std::str::FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|kind| kind.to_string() == text);
        found.with_context(|| format!("{text} is no engine"))
    }
}

/// Opens a store of a kind, or makes it.
pub fn open(kind: Kind, dir: &str) -> Result<Box<dyn Store>> {
    let dir = PathBuf::from(dir);
    Ok(match kind {
        Kind::Fjall => Box::new(Fjall::open(&dir)?),
        Kind::Redb => Box::new(Redb::open(&dir)?),
        Kind::Rocksdb => Box::new(Rocks::open(&dir)?),
    })
}

const CACHE: usize = 32 << 20;
const LOG: u64 = 64 << 20;
const MEMTABLE: usize = 8 << 20;

fn disk_bytes(dir: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        // A file may be merged away while it is looked at.
        let Ok(meta) = entry.metadata() else { continue };
        bytes += if meta.is_dir() { disk_bytes(&entry.path())? } else { meta.len() };
    }
    Ok(bytes)
}

fn number(bytes: &[u8]) -> Result<u64> {
    Ok(u64::from_be_bytes(bytes.try_into().context("no number")?))
}

struct Fjall {
    dir: PathBuf,
    db: fjall::Database,
    keys: fjall::Keyspace,
    outbox: fjall::Keyspace,
    meta: fjall::Keyspace,
}

impl Fjall {
    fn open(dir: &Path) -> Result<Self> {
        let db = fjall::Database::builder(dir.join("db"))
            .cache_size(CACHE as u64)
            .max_journaling_size(LOG)
            .worker_threads(2)
            .open()?;
        let options = || fjall::KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE as u64);
        let open = |name: &str| db.keyspace(name, options);
        let (keys, outbox, meta) = (open("keys")?, open("outbox")?, open("meta")?);
        Ok(Self { dir: dir.to_owned(), db, keys, outbox, meta })
    }
}

impl Store for Fjall {
    fn has(&self, key: &[u8; 16]) -> Result<bool> {
        Ok(self.keys.get(key)?.is_some())
    }

    fn commit(&mut self, batch: &Batch) -> Result<()> {
        let mut writes = self.db.batch();
        batch.keys.iter().for_each(|(key, value)| writes.insert(&self.keys, key, value.as_slice()));
        batch.rows.iter().for_each(|(seq, row)| writes.insert(&self.outbox, seq.to_be_bytes(), row.as_slice()));
        batch.trim.clone().for_each(|seq| writes.remove(&self.outbox, seq.to_be_bytes()));
        writes.insert(&self.meta, "last", batch.last.to_be_bytes());
        writes.commit()?;
        Ok(self.db.persist(fjall::PersistMode::SyncData)?)
    }

    fn last(&self) -> Result<Option<u64>> {
        self.meta.get("last")?.map(|bytes| number(&bytes)).transpose()
    }

    fn rows(&self) -> Result<u64> {
        let from = self.last()?.unwrap_or(0).saturating_sub(2 * crate::work::LAG);
        Ok(self.outbox.range(from.to_be_bytes()..).count() as u64)
    }

    fn disk_bytes(&self) -> Result<u64> {
        disk_bytes(&self.dir)
    }
}

const KEYS: redb::TableDefinition<'_, &[u8], &[u8]> = redb::TableDefinition::new("keys");
const OUTBOX: redb::TableDefinition<'_, u64, &[u8]> = redb::TableDefinition::new("outbox");
const META: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("meta");

struct Redb {
    dir: PathBuf,
    db: redb::Database,
}

impl Redb {
    fn open(dir: &Path) -> Result<Self> {
        let db = redb::Database::builder().set_cache_size(CACHE).create(dir.join("db.redb"))?;
        let write = db.begin_write()?;
        write.open_table(KEYS)?;
        write.open_table(OUTBOX)?;
        write.open_table(META)?;
        write.commit()?;
        Ok(Self { dir: dir.to_owned(), db })
    }
}

impl Store for Redb {
    fn has(&self, key: &[u8; 16]) -> Result<bool> {
        use redb::ReadableDatabase as _;
        Ok(self.db.begin_read()?.open_table(KEYS)?.get(key.as_slice())?.is_some())
    }

    fn commit(&mut self, batch: &Batch) -> Result<()> {
        let write = self.db.begin_write()?;
        {
            let mut keys = write.open_table(KEYS)?;
            for (key, value) in &batch.keys {
                keys.insert(key.as_slice(), value.as_slice())?;
            }
            let mut outbox = write.open_table(OUTBOX)?;
            for (seq, row) in &batch.rows {
                outbox.insert(seq, row.as_slice())?;
            }
            for seq in batch.trim.clone() {
                outbox.remove(seq)?;
            }
            write.open_table(META)?.insert("last", batch.last)?;
        }
        Ok(write.commit()?)
    }

    fn last(&self) -> Result<Option<u64>> {
        use redb::ReadableDatabase as _;
        Ok(self.db.begin_read()?.open_table(META)?.get("last")?.map(|value| value.value()))
    }

    fn rows(&self) -> Result<u64> {
        use redb::{ReadableDatabase as _, ReadableTableMetadata as _};
        Ok(self.db.begin_read()?.open_table(OUTBOX)?.len()?)
    }

    fn disk_bytes(&self) -> Result<u64> {
        disk_bytes(&self.dir)
    }
}

struct Rocks {
    dir: PathBuf,
    db: rocksdb::DB,
}

impl Rocks {
    fn open(dir: &Path) -> Result<Self> {
        let mut options = rocksdb::Options::default();
        options.create_if_missing(true);
        options.create_missing_column_families(true);
        options.set_max_total_wal_size(LOG);
        options.increase_parallelism(2);
        let cache = rocksdb::Cache::new_lru_cache(CACHE)?;
        let family = |name: &str| {
            let mut options = rocksdb::Options::default();
            let mut table = rocksdb::BlockBasedOptions::default();
            table.set_block_cache(&cache);
            table.set_bloom_filter(10.0, false);
            options.set_block_based_table_factory(&table);
            options.set_write_buffer_size(MEMTABLE);
            options.set_compression_type(rocksdb::DBCompressionType::Lz4);
            rocksdb::ColumnFamilyDescriptor::new(name, options)
        };
        let families = ["keys", "outbox", "meta"].map(family);
        Ok(Self { db: rocksdb::DB::open_cf_descriptors(&options, dir.join("db"), families)?, dir: dir.to_owned() })
    }

    fn family(&self, name: &str) -> Result<&rocksdb::ColumnFamily> {
        self.db.cf_handle(name).with_context(|| format!("no column family {name}"))
    }
}

impl Store for Rocks {
    fn has(&self, key: &[u8; 16]) -> Result<bool> {
        Ok(self.db.get_pinned_cf(self.family("keys")?, key)?.is_some())
    }

    fn commit(&mut self, batch: &Batch) -> Result<()> {
        let (keys, outbox) = (self.family("keys")?, self.family("outbox")?);
        let mut writes = rocksdb::WriteBatch::default();
        batch.keys.iter().for_each(|(key, value)| writes.put_cf(keys, key, value));
        batch.rows.iter().for_each(|(seq, row)| writes.put_cf(outbox, seq.to_be_bytes(), row));
        batch.trim.clone().for_each(|seq| writes.delete_cf(outbox, seq.to_be_bytes()));
        writes.put_cf(self.family("meta")?, "last", batch.last.to_be_bytes());
        let mut options = rocksdb::WriteOptions::default();
        options.set_sync(true);
        Ok(self.db.write_opt(writes, &options)?)
    }

    fn last(&self) -> Result<Option<u64>> {
        self.db.get_cf(self.family("meta")?, "last")?.map(|bytes| number(&bytes)).transpose()
    }

    fn rows(&self) -> Result<u64> {
        let from = self.last()?.unwrap_or(0).saturating_sub(2 * crate::work::LAG).to_be_bytes();
        let start = rocksdb::IteratorMode::From(&from, rocksdb::Direction::Forward);
        let mut count = 0;
        for entry in self.db.iterator_cf(self.family("outbox")?, start) {
            entry?;
            count += 1;
        }
        if count == 0 {
            bail!("the outbox is empty");
        }
        Ok(count)
    }

    fn disk_bytes(&self) -> Result<u64> {
        disk_bytes(&self.dir)
    }
}
