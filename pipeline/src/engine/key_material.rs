//! What the footer of an encrypted file says of its key, in the words of Parquet's own key tools, so that their readers need only the
//! master key.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The one version of the format.
const TYPE: &str = "PKMT1";
/// What key tools write where there is no server of keys.
const NO_SERVER: &str = "DEFAULT";

/// The wrapped key of one file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyMaterial {
    #[serde(rename = "keyMaterialType")]
    kind: String,
    internal_storage: bool,
    is_footer_key: bool,
    #[serde(rename = "kmsInstanceID")]
    kms_instance_id: String,
    #[serde(rename = "kmsInstanceURL")]
    kms_instance_url: String,
    #[serde(rename = "masterKeyID")]
    master_key_id: String,
    double_wrapping: bool,
    #[serde(rename = "wrappedDEK", with = "base64_text")]
    wrapped_key: Vec<u8>,
}

impl KeyMaterial {
    /// Of a data key that was wrapped under the master key named `master_key_id`.
    pub fn new(master_key_id: &str, wrapped_key: &[u8]) -> Self {
        Self {
            kind: TYPE.to_owned(),
            internal_storage: true,
            is_footer_key: true,
            kms_instance_id: NO_SERVER.to_owned(),
            kms_instance_url: NO_SERVER.to_owned(),
            master_key_id: master_key_id.to_owned(),
            double_wrapping: false,
            wrapped_key: wrapped_key.to_vec(),
        }
    }

    /// From the key metadata of a file.
    ///
    /// # Errors
    /// In words, when it is of another form or wrapped in another way.
    pub fn parse(metadata: &[u8]) -> Result<Self, String> {
        let material: Self = serde_json::from_slice(metadata).map_err(|_| format!("its key metadata is not `{TYPE}`"))?;
        match material.kind.as_str() {
            TYPE if !material.double_wrapping => Ok(material),
            TYPE => Err("its key is wrapped twice".to_owned()),
            other => Err(format!("its key metadata is `{other}`, not `{TYPE}`")),
        }
    }

    /// As it is written into a file.
    pub fn to_json(&self) -> Vec<u8> {
        // Nothing in it can fail to be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Name of the master key.
    pub fn master_key_id(&self) -> &str {
        &self.master_key_id
    }

    /// The data key under the master key.
    pub fn wrapped_key(&self) -> &[u8] {
        &self.wrapped_key
    }
}

mod base64_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::{Engine, STANDARD};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"{"keyMaterialType":"PKMT1","internalStorage":true,"isFooterKey":true,"kmsInstanceID":"DEFAULT","kmsInstanceURL":"DEFAULT","masterKeyID":"2026-11","doubleWrapping":false,"wrappedDEK":"AQID"}"#;

    #[test]
    fn is_what_key_tools_read() {
        assert_eq!(String::from_utf8(KeyMaterial::new("2026-11", &[1, 2, 3]).to_json()).expect("text"), WRITTEN);
        let parsed = KeyMaterial::parse(WRITTEN.as_bytes()).expect("its own");
        assert_eq!((parsed.master_key_id(), parsed.wrapped_key()), ("2026-11", [1, 2, 3].as_slice()));
    }

    #[test]
    fn says_what_is_wrong() {
        let refused = |from: &str, to: &str| KeyMaterial::parse(WRITTEN.replace(from, to).as_bytes()).expect_err("refused");
        assert_eq!(refused("PKMT1", "PKMT2"), "its key metadata is `PKMT2`, not `PKMT1`");
        assert_eq!(refused("\"doubleWrapping\":false", "\"doubleWrapping\":true"), "its key is wrapped twice");
        assert_eq!(refused("AQID", "?"), "its key metadata is not `PKMT1`");
        assert_eq!(KeyMaterial::parse(b"").expect_err("refused"), "its key metadata is not `PKMT1`");
    }
}
