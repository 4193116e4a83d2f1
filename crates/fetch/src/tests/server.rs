use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Whatever a handler writes to; an error means that the client has gone.
pub(super) type Written = std::io::Result<()>;

/// A server that writes exactly what its handler says, and keeps what it was asked.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    accepts: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Server {
    /// Calls `handler` with the socket and the head of each request; the connection ends with it.
    pub(super) fn start(handler: impl Fn(&mut TcpStream, &str) -> Written + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), accepts: Arc::default(), heads: Arc::default() };
        let (accepts, heads, handler) = (server.accepts.clone(), server.heads.clone(), Arc::new(handler));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                accepts.fetch_add(1, Ordering::SeqCst);
                let (heads, handler) = (heads.clone(), handler.clone());
                thread::spawn(move || {
                    let Some(head) = read_head(&mut stream) else { return };
                    let text = String::from_utf8_lossy(&head).into_owned();
                    heads.lock().unwrap().push(head);
                    let _ = handler(&mut stream, &text);
                });
            }
        });
        server
    }

    /// Answers every request with the same bytes.
    pub(super) fn says(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |stream, _| stream.write_all(&answer))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Connections that were taken.
    pub(super) fn accepts(&self) -> usize {
        self.accepts.load(Ordering::SeqCst)
    }

    /// Heads of all requests, as they came.
    pub(super) fn heads(&self) -> Vec<Vec<u8>> {
        self.heads.lock().unwrap().clone()
    }

    /// Heads of all requests, as text.
    pub(super) fn asked(&self) -> Vec<String> {
        self.heads().iter().map(|head| String::from_utf8_lossy(head).into_owned()).collect()
    }
}

fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(head)
}

/// A whole answer.
pub(super) fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Writes `piece` until the client goes.
pub(super) fn for_ever(stream: &mut TcpStream, piece: &[u8], pause: Duration) -> Written {
    loop {
        stream.write_all(piece)?;
        if !pause.is_zero() {
            thread::sleep(pause);
        }
    }
}
