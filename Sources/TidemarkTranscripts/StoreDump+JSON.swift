import Foundation
package import TidemarkStore

/// A dump in a transcript: tables of rows; bytes are an object with their base64.
extension StoreDump {
    init(_ json: [String: JSON], _ line: Int) throws {
        var tables: [String: [Row]] = [:]
        for (table, rows) in json {
            guard let rows = rows.list else { throw TranscriptError("The table \"\(table)\" has to be a list.", line: line) }
            tables[table] = try rows.map { row in
                guard let object = row.object else {
                    throw TranscriptError("A row of \"\(table)\" has to be an object.", line: line)
                }
                return try object.mapValues { try StoredValue($0, line) }
            }
        }
        self.init(tables: tables)
    }

    package var json: JSON {
        .object(tables.mapValues { .list($0.map { .object($0.mapValues(\.json)) }) })
    }
}

extension StoredValue {
    init(_ json: JSON, _ line: Int) throws {
        switch json {
        case .null: self = .null
        case .integer(let number): self = .integer(number)
        case .number(let number): self = .real(number)
        case .text(let text): self = .text(text)
        case .object(let object):
            guard let text = object["base64"]?.text, let data = Data(base64Encoded: text) else {
                throw TranscriptError("Bytes are {\"base64\": …}.", line: line)
            }
            self = .bytes(Array(data))
        default: throw TranscriptError("A value is a text, a number, null or {\"base64\": …}.", line: line)
        }
    }

    var json: JSON {
        switch self {
        case .null: .null
        case .integer(let number): .integer(number)
        case .real(let number): .number(number)
        case .text(let text): .text(text)
        case .bytes(let bytes): .object(["base64": .text(Data(bytes).base64EncodedString())])
        }
    }
}
