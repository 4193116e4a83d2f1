//! Query parameters that name the way to a page and not the page.
//!
//! The list is our own, put together from what courlan, ClearURLs and Miniflux are known to remove.
//! Left out on purpose are names that some publisher uses for the article itself: `id`, `p`, `cid`,
//! `source`, `sid`, `page`, `ref`, `session`, `uid`, `keyword`.

/// Names that are dropped whatever follows. Lower case.
const PREFIXES: [&str; 26] = [
    "utm_",
    "mtm_",
    "pk_",
    "piwik_",
    "matomo_",
    "hsa_",
    "_hs",
    "itm_",
    "vero_",
    "oly_",
    "ns_",
    "fb_action_",
    "ga_",
    "at_campaign",
    "at_custom",
    "at_link_",
    "at_ptr_",
    "at_bbc_",
    "guce_",
    "mkt_",
    "ml_subscriber",
    "wt_",
    "wt.",
    "__hs",
    "cx_",
    "gaa_",
];

/// Names that are dropped when they are exactly this. Lower case, sorted.
const NAMES: [&str; 84] = [
    "__s",
    "__twitter_impression",
    "_bta_c",
    "_bta_tid",
    "_ga",
    "_gl",
    "_ke",
    "_openstat",
    "_sp",
    "amp_gsa",
    "amp_js_v",
    "at_creation",
    "at_format",
    "at_medium",
    "at_platform",
    "at_variant",
    "ck_subscriber_id",
    "cmp",
    "cmpid",
    "cvosrc",
    "dclid",
    "dicbo",
    "ef_id",
    "epik",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_campaignid",
    "gad_source",
    "gbraid",
    "gclid",
    "gclsrc",
    "gs_l",
    "guccounter",
    "hootpostid",
    "hss_channel",
    "igsh",
    "igshid",
    "ito",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mibextid",
    "mkcid",
    "mkevt",
    "mkrid",
    "mkwid",
    "msclkid",
    "ncid",
    "nr_email_referer",
    "ocid",
    "pcrid",
    "rb_clickid",
    "ref_src",
    "ref_url",
    "s_cid",
    "s_kwcid",
    "sc_campaign",
    "sfmc_id",
    "smid",
    "soc_src",
    "soc_trk",
    "sr_share",
    "srsltid",
    "ss_campaign_id",
    "ss_campaign_name",
    "ss_source",
    "tblci",
    "trk_contact",
    "trk_module",
    "trk_msg",
    "trk_sid",
    "ttclid",
    "twclid",
    "usqp",
    "vmcid",
    "wbraid",
    "wickedid",
    "wprov",
    "wprss",
    "xtor",
    "yclid",
    "ysclid",
    "zanpid",
];

/// Names that one outlet uses for its own campaigns, and another may use for its articles. Lower case.
const OUTLETS: [(&str, &[&str]); 11] = [
    ("nytimes.com", &["partner", "emc", "smtyp", "referringsource", "unlocked_article_code"]),
    ("wsj.com", &["mod", "reflink"]),
    ("marketwatch.com", &["mod", "siteid", "link"]),
    ("bloomberg.com", &["srnd", "leadsource", "in_source"]),
    ("reuters.com", &["taid", "feedtype", "feedname", "rpc"]),
    ("washingtonpost.com", &["tid", "itid", "hpid", "pwapi_token"]),
    ("cnn.com", &["eref", "iref", "hpt"]),
    ("bbc.co.uk", &["link_origin", "pinned_post_asset_id"]),
    ("bbc.com", &["link_origin", "pinned_post_asset_id"]),
    ("lemonde.fr", &["lmd_medium", "lmd_campaign", "lmd_source", "lmd_creation"]),
    ("youtube.com", &["feature", "si", "pp", "ab_channel"]),
];

/// True when a parameter of this name (as written in a URL of the registered domain) says nothing about
/// the page.
pub(crate) fn is_tracker(name: &str, domain: Option<&str>) -> bool {
    let name = name.to_ascii_lowercase();
    let own = OUTLETS.iter().find(|(outlet, _)| Some(*outlet) == domain);
    own.is_some_and(|(_, names)| names.contains(&name.as_str()))
        || NAMES.binary_search(&name.as_str()).is_ok()
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn content_parameters_stay() {
        for name in [
            "id", "p", "cid", "source", "sid", "page", "ref", "uid", "article", "story_id", "section",
            "cmpage",
        ] {
            assert!(!is_tracker(name, None), "{name}");
        }
        for name in ["utm_source", "UTM_Medium", "fbclid", "_ga", "mc_eid", "at_medium", "CMP", "_hsenc"] {
            assert!(is_tracker(name, None), "{name}");
        }
    }
}
