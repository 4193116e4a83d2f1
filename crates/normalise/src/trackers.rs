//! Query parameters that name the way to a page and not the page.
//!
//! The list is our own, put together from what courlan, ClearURLs and Miniflux are known to remove.
//! Left out on purpose are names that some publisher uses for the article itself: `id`, `p`, `cid`,
//! `source`, `sid`, `page`, `ref`, `session`, `uid`, `keyword`.

/// Names that are dropped whatever follows. Lower case.
const PREFIXES: [&str; 25] = [
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
];

/// Names that are dropped when they are exactly this. Lower case, sorted.
const NAMES: [&str; 67] = [
    "__s",
    "__twitter_impression",
    "_bta_c",
    "_bta_tid",
    "_ga",
    "_gl",
    "_ke",
    "_openstat",
    "at_creation",
    "at_format",
    "at_medium",
    "at_platform",
    "at_variant",
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
    "igsh",
    "igshid",
    "ito",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
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
    "smid",
    "soc_src",
    "soc_trk",
    "sr_share",
    "srsltid",
    "tblci",
    "ttclid",
    "twclid",
    "vmcid",
    "wbraid",
    "wickedid",
    "wprss",
    "xtor",
    "yclid",
    "ysclid",
    "zanpid",
];

/// True when a parameter of this name (as written in the URL) says nothing about the page.
pub(crate) fn is_tracker(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.binary_search(&name.as_str()).is_ok() || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
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
            assert!(!is_tracker(name), "{name}");
        }
        for name in ["utm_source", "UTM_Medium", "fbclid", "_ga", "mc_eid", "at_medium", "CMP", "_hsenc"] {
            assert!(is_tracker(name), "{name}");
        }
    }
}
