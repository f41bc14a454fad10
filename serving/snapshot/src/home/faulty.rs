//! A store that fails when it is told to, or ignores conditions; for tests alone.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not arrive.
    Lost,
    /// It is done, and the answer does not arrive.
    Unanswered,
    /// Nothing fails, but whatever exists is overwritten.
    Unconditional,
}

#[derive(Debug)]
pub(super) struct Faulty {
    inner: Arc<InMemory>,
    fault: Fault,
    /// Requests until the first that fails, and how many fail then.
    left: AtomicI64,
    failing: i64,
}

impl Faulty {
    pub(super) fn new(inner: &Arc<InMemory>, fault: Fault, (left, failing): (i64, i64)) -> Self {
        Self { inner: Arc::clone(inner), fault, left: AtomicI64::new(left), failing }
    }

    /// Whether some request has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.left.load(Ordering::SeqCst) < 0
    }

    fn fails(&self) -> Option<Fault> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        (left <= 0 && left > -self.failing && self.fault != Fault::Unconditional).then_some(self.fault)
    }
}

fn failed() -> Error {
    Error::Generic { store: "faulty", source: "it was told to fail".into() }
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("faulty")
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let options = if self.fault == Fault::Unconditional { PutOptions { mode: PutMode::Overwrite, ..options } } else { options };
        match self.fails() {
            Some(Fault::Lost) => Err(failed()),
            Some(_) => self.inner.put_opts(location, payload, options).await.and(Err(failed())),
            None => self.inner.put_opts(location, payload, options).await,
        }
    }

    async fn put_multipart_opts(&self, location: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        if self.fails().is_some() { Err(failed()) } else { self.inner.put_multipart_opts(location, options).await }
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if self.fails().is_some() { Err(failed()) } else { self.inner.get_opts(location, options).await }
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        match self.fails() {
            Some(Fault::Lost) => locations.map(|_| Err(failed())).boxed(),
            Some(_) => self.inner.delete_stream(locations).map(|done| done.and(Err(failed()))).boxed(),
            None => self.inner.delete_stream(locations),
        }
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        if self.fails().is_some() { futures::stream::iter([Err(failed())]).boxed() } else { self.inner.list(prefix) }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        if self.fails().is_some() { Err(failed()) } else { self.inner.list_with_delimiter(prefix).await }
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
