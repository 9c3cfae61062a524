//! Certificates for tests and for trying things out, made on the spot and never kept.
//!
//! An [`Authority`] signs for servers and clients, also such that nobody may accept: expired ones, ones
//! for another host, and, with a second authority, ones of an unknown issuer.

use std::io;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use super::tls::{Certificate, random};
use crate::proto::hex::hex;

/// A certificate authority of one's own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("pem", &self.pem).finish_non_exhaustive()
    }
}

impl Authority {
    /// A new authority with a key of its own.
    pub fn new() -> io::Result<Authority> {
        // Without a name of its own it would pass for any other, with a signature that is wrong.
        let name = format!("test authority {}", hex(&random::<4>()?));
        let mut params = params(&[], &name)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let pem = params.self_signed(&key).map_err(io::Error::other)?.pem();
        Ok(Authority { issuer: Issuer::new(params, key), pem })
    }

    /// Its certificate, PEM: what `ca_file` names.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for a server of these names or addresses, valid now.
    pub fn server(&self, hosts: &[&str]) -> io::Result<Certificate> {
        self.sign(server(hosts)?)
    }

    /// One whose validity ended in the year 2021.
    pub fn expired(&self, hosts: &[&str]) -> io::Result<Certificate> {
        let mut params = server(hosts)?;
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
        self.sign(params)
    }

    /// One whose validity begins in the year 4000.
    pub fn not_yet_valid(&self, hosts: &[&str]) -> io::Result<Certificate> {
        let mut params = server(hosts)?;
        params.not_before = date_time_ymd(4000, 1, 1);
        self.sign(params)
    }

    /// A certificate for a client.
    pub fn client(&self, name: &str) -> io::Result<Certificate> {
        let mut params = params(&[], name)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> io::Result<Certificate> {
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = params.signed_by(&key, &self.issuer).map_err(io::Error::other)?;
        Ok(Certificate { chain: signed.pem(), key: key.serialize_pem() })
    }
}

fn server(hosts: &[&str]) -> io::Result<CertificateParams> {
    let mut params = params(hosts, "test collector")?;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

fn params(hosts: &[&str], name: &str) -> io::Result<CertificateParams> {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).map_err(io::Error::other)?;
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}
