use super::server::{Server, answer};
use super::{failed, fetch};
use model::FailureClass::{self, BadHttp, ClientError, Denied, Gone, NotFound, ServerError, Throttled};
use std::time::Duration;

async fn check(status: &str, headers: &[&str], class: FailureClass, wait: Option<u64>) {
    let server = Server::says(answer(status, headers, "<html>secret-page</html>"));
    let failure = failed(&fetch(), &server.url("/feed")).await;
    assert_eq!(failure.class, class, "{status}");
    assert_eq!(failure.status, status[..3].parse().ok());
    assert_eq!(failure.retry_after, wait.map(Duration::from_secs), "{status}");
    assert!(!failure.detail.contains("secret-page"));
}

#[tokio::test]
async fn statuses_have_their_classes() {
    check("401 Unauthorized", &[], Denied, None).await;
    check("403 Forbidden", &[], Denied, None).await;
    check("407 Proxy Authentication Required", &[], Denied, None).await;
    check("404 Not Found", &[], NotFound, None).await;
    check("410 Gone", &[], Gone, None).await;
    check("418 I'm a teapot", &[], ClientError, None).await;
    check("500 Internal Server Error", &["Retry-After: 120"], ServerError, None).await;
    check("503 Service Unavailable", &[], ServerError, None).await;
    check("204 No Content", &[], BadHttp, None).await;
    check("206 Partial Content", &[], BadHttp, None).await;
    check("304 Not Modified", &[], BadHttp, None).await;
    check("799 Strange", &[], BadHttp, None).await;
}

#[tokio::test]
async fn throttling_says_for_how_long() {
    check("429 Too Many Requests", &[], Throttled, None).await;
    check("429 Too Many Requests", &["Retry-After: 120"], Throttled, Some(120)).await;
    check("503 Service Unavailable", &["Retry-After: 7200"], Throttled, Some(7200)).await;
    check("503 Service Unavailable", &["Retry-After: 0"], Throttled, Some(60)).await;
    check("429 Too Many Requests", &["Retry-After: 31536000"], Throttled, Some(86_400)).await;
    check("429 Too Many Requests", &["Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"], Throttled, Some(60))
        .await;
    check("429 Too Many Requests", &["Retry-After: Fri, 31 Dec 2199 23:59:59 GMT"], Throttled, Some(86_400))
        .await;
    check("503 Service Unavailable", &["Retry-After: later"], ServerError, None).await;
}
