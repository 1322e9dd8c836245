/// Files on their way up while a run is recorded.
///
/// A file goes in two steps: the service names a place, and the bytes go there by an address that lets anybody write. A transcript
/// tells of one exchange, as the engine counts one attempt. So the answer to the first step is held back until the bytes are there,
/// and what became of them is said in its place where they are not. Neither the bytes nor where they went are recorded.
struct RecordedUploads: Sendable {
    private struct Upload: Sendable {
        var name: String
        /// What was announced of each file.
        var files: [JSON]
        var answer: [String: JSON]
        var places: [JSON]
        /// By their place in the list, those that are not there yet.
        var missing: Set<Int>
        /// The address of this one was refused: another is asked for, once.
        var refused: Int?
        var hasAskedAgain = false
    }

    private var uploads: [Upload] = []

    /// The upload of which this request only asks for another address; `nil`: it is one of its own.
    mutating func renewed(by request: [JSON]) -> String? {
        let index = uploads.firstIndex { upload in
            !upload.hasAskedAgain
                && upload.refused.map { upload.files.indices.contains($0) && [upload.files[$0]] == request } == true
        }
        guard let index else { return nil }
        uploads[index].hasAskedAgain = true
        return uploads[index].name
    }

    /// Holds back a success. `false`: it names no place, and is to be written as it is.
    mutating func hold(_ name: String, files: [JSON], _ answer: [String: JSON]) -> Bool {
        let places = answer["body"]?.object?["data"]?.list ?? []
        guard !places.isEmpty, places.allSatisfy({ Self.address($0) != nil }) else { return false }
        if let index = uploads.firstIndex(where: { $0.name == name }), let refused = uploads[index].refused {
            uploads[index].places[refused] = places[0]
            uploads[index].refused = nil
            return true
        }
        uploads.append(Upload(name: name, files: files, answer: answer, places: places, missing: Set(places.indices)))
        return true
    }

    /// The request of this name ended without a place.
    mutating func forget(_ name: String) {
        uploads.removeAll { $0.name == name }
    }

    /// What is to be written now that a file went, or did not go, to an address; `nil`: something is still to come.
    mutating func ended(_ address: String, _ outcome: Outcome) -> (name: String, answer: JSON)? {
        let address = Self.bare(address)
        guard let index = uploads.firstIndex(where: { $0.places.contains { Self.address($0) == address } }),
            let file = uploads[index].places.firstIndex(where: { Self.address($0) == address })
        else { return nil }
        switch outcome {
        case .status(let status) where (200..<300).contains(status):
            uploads[index].missing.remove(file)
            guard uploads[index].missing.isEmpty else { return nil }
            var done = uploads.remove(at: index)
            done.answer["body"] = .object(["data": .list(done.places)])
            return (done.name, .object(done.answer))
        case .status(let status) where [400, 401, 403, 410].contains(status) && !uploads[index].hasAskedAgain:
            uploads[index].refused = file
            return nil
        case .status(let status):
            // It says nothing of the account.
            return (uploads.remove(at: index).name, .object(["status": .integer(Int64(status == 401 ? 403 : status))]))
        case .failed(let mayHaveArrived):
            return (uploads.remove(at: index).name, .text(mayHaveArrived ? "lost" : "unsent"))
        }
    }

    enum Outcome {
        case status(Int)
        case failed(mayHaveArrived: Bool)
    }

    /// Of what no end was seen.
    mutating func rest() -> [String] {
        defer { uploads = [] }
        return uploads.map(\.name)
    }

    private static func address(_ place: JSON) -> String? { place.object?["url"]?.text.map(bare) }

    private static func bare(_ address: String) -> String { String(address.prefix { $0 != "#" }) }
}
