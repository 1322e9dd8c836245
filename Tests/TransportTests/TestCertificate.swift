#if NIO
import Foundation
import NIOSSL

/// A certificate for the name `localhost` that signs itself, made for these tests with openssl, and its key. It
/// guards nothing.
enum TestCertificate {
    static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
        c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
        CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGybccdxXKcvh2Gz
        BbC10j/nphMekE+e98r6crHVZE+87ibMMN31lsKd5pN+MOGguT/kcYNzKi02cW+Z
        hHuRdfOjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
        MB0GA1UdDgQWBBSTmhZgON8tgIRZwiQ3s4nLVKygpjAKBggqhkjOPQQDAgNJADBG
        AiEAxdW43h8+yIEUbILr2i8LH5XYu8LbQivDMyuRZktQJBECIQD6NsxYWwC7cJLp
        NjA8wGU3jhCMz1a90bN9RN5/OTNGkg==
        -----END CERTIFICATE-----
        """

    /// PKCS #8 in DER, as base64.
    private static let key = [
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4lu8ZhZgGC/DInHTfirxtVdBJv7gtrpEqVYbKgEflJahRANCAARs",
        "m3HHcVynL4dhswWwtdI/56YTHpBPnvfK+nKx1WRPvO4mzDDd9ZbCneaTfjDhoLk/5HGDcyotNnFvmYR7kXXz",
    ].joined()

    static func load() throws -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) {
        let der = Array(Data(base64Encoded: key) ?? Data())
        return (try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)), try NIOSSLPrivateKey(bytes: der, format: .der))
    }
}
#endif
