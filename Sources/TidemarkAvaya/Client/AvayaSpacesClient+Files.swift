public import TidemarkModel

extension AvayaSpacesClient {
    /// Where files may be put, one address for each, in order: `PUT` with the same media type and exactly as many bytes. The
    /// addresses expire and are secrets. At most 30 a minute.
    public func uploadURLs(
        for files: [AvayaUpload], in space: RemoteConversationID? = nil
    ) async throws(ServiceError) -> [AvayaUploadURL] {
        let operation = AvayaOperation.uploadURLs(files, space)
        let response = try await exchange.send(operation)
        let urls = try elements(response, of: operation).map { AvayaUploadURL(json: $0) }
        let read = urls.compactMap { $0 }
        guard read.count == files.count, urls.count == files.count else {
            throw exchange.wire.unreadable(response, of: operation, "The answer has not one address for each file.")
        }
        return read
    }

    /// Where files can be fetched for a while. The addresses are secrets.
    public func downloadURLs(for fileKeys: [String]) async throws(ServiceError) -> [AvayaDownloadURL] {
        let operation = AvayaOperation.downloadURLs(fileKeys)
        let elements = try elements(try await exchange.send(operation), of: operation)
        return elements.enumerated().compactMap { index, json in
            AvayaDownloadURL(json: json, asked: fileKeys.indices.contains(index) ? fileKeys[index] : nil)
        }
    }

    // MARK: What the service says of itself

    public func limits() async throws(ServiceError) -> AvayaLimits {
        let operation = AvayaOperation.limit
        return AvayaLimits(json: try exchange.wire.json(of: try await exchange.send(operation), for: operation))
    }

    /// Where the service's parts live, by its own word. What it does not tell stays as it was given.
    public func serviceConfiguration(instead servers: AvayaServers = .production) async throws(ServiceError) -> AvayaServers {
        let operation = AvayaOperation.serviceConfiguration
        return AvayaServers(json: try exchange.wire.json(of: try await exchange.send(operation), for: operation), or: servers)
    }

    /// The regions.
    public func flavors() async throws(ServiceError) -> [AvayaFlavor] {
        let operation = AvayaOperation.flavors
        let elements = try elements(try await exchange.send(operation), of: operation)
        return elements.compactMap { AvayaFlavor(json: $0) }
    }

    /// The region of a user; `nil`: the one for everybody.
    public func flavorID(of email: String) async throws(ServiceError) -> String? {
        let operation = AvayaOperation.flavor(email: email)
        let json = try exchange.wire.json(of: try await exchange.send(operation), for: operation)
        return (json["data"]?.members == nil ? json : json["data"] ?? json).words("flavorId")
    }

    private func elements(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> [JSONValue] {
        let json = try exchange.wire.json(of: response, for: operation)
        guard let elements = AvayaChatWire.elements(in: json) else {
            throw exchange.wire.unreadable(response, of: operation, "The answer has no list of items.")
        }
        return elements
    }
}
