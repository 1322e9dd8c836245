import Foundation
import TidemarkModel

/// Own bodies, in `Fixtures/azure` at the root of the package; the `README.md` beside them says what each re-tells.
enum Fixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        // …/Tests/TidemarkAzureTests/Support/Fixture.swift
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return Array(try Data(contentsOf: root.appending(path: "Fixtures/azure/\(name)")))
    }

    static func text(_ name: String) throws -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }

    /// An answer with this body, as the service heads it.
    static func answer(_ status: Int, _ name: String) throws -> TransportResponse {
        let type = name.hasSuffix(".html") ? "text/html" : "application/json; charset=utf-8"
        return TransportResponse(
            head: .make(status, [("Content-Type", type), ("Date", "Tue, 02 Jan 2024 03:04:10 GMT")]),
            body: try bytes(name))
    }
}
