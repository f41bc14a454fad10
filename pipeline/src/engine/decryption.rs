//! Lets a session read encrypted files beside plain ones: each says in its footer which key it needs.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::config::EncryptionFactoryOptions;
use datafusion::execution::parquet_encryption::EncryptionFactory;
use datafusion::prelude::SessionContext;
use object_store::path::Path;
use parquet::encryption::decrypt::{FileDecryptionProperties, KeyRetriever};
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::errors::ParquetError;

use super::Keyring;

/// The factory's name within a session.
const FACTORY: &str = "hachi";

/// Has `context` read what `keys` can read. Without keys it reads plain files, and keeps their footers in its cache.
pub fn read_with(context: &SessionContext, keys: &Keyring) {
    if keys.is_empty() {
        return;
    }
    context.runtime_env().register_parquet_encryption_factory(FACTORY, Arc::new(Decryption { keys: keys.clone() }));
    context.state_ref().write().table_options_mut().parquet.crypto.factory_id = Some(FACTORY.to_owned());
}

#[derive(Debug)]
struct Decryption {
    keys: Keyring,
}

#[async_trait]
impl EncryptionFactory for Decryption {
    /// None: the engine itself writes no file.
    async fn get_file_encryption_properties(
        &self,
        _: &EncryptionFactoryOptions,
        _: &SchemaRef,
        _: &Path,
    ) -> datafusion::error::Result<Option<Arc<FileEncryptionProperties>>> {
        Ok(None)
    }

    async fn get_file_decryption_properties(
        &self,
        _: &EncryptionFactoryOptions,
        file: &Path,
    ) -> datafusion::error::Result<Option<Arc<FileDecryptionProperties>>> {
        let of_file = OfFile { keys: self.keys.clone(), file: name(file) };
        Ok(Some(FileDecryptionProperties::with_key_retriever(Arc::new(of_file)).build()?))
    }
}

/// The last folder, which is named like the table, and the file in it.
fn name(file: &Path) -> String {
    let parts: Vec<_> = file.parts().collect();
    parts.iter().skip(parts.len().saturating_sub(2)).map(|part| part.as_ref()).collect::<Vec<_>>().join("/")
}

/// Finds the key of one file; is not asked for a file that is plain.
struct OfFile {
    keys: Keyring,
    file: String,
}

impl KeyRetriever for OfFile {
    fn retrieve_key(&self, metadata: &[u8]) -> parquet::errors::Result<Vec<u8>> {
        self.keys.data_key(&format!("`{}`", self.file), metadata).map_err(|error| ParquetError::External(Box::new(error)))
    }
}
