public import TidemarkModel

extension AvayaSpacesClient {
    /// Where files may be put, one address for each, in order: `PUT` with the same media type and exactly as many bytes. The
    /// addresses expire and are secrets. At most 30 a minute.
    public func uploadURLs(
        for files: [AvayaUpload], in space: RemoteConversationID? = nil
    ) async throws(ServiceError) -> [AvayaUploadURL] {
        let operation = AvayaOperation.uploadURLs(files, space)
        return try exchange.wire.uploadURLs(try await exchange.send(operation), of: operation)
    }

    /// Where files can be fetched for a while. The addresses are secrets.
    public func downloadURLs(for fileKeys: [String]) async throws(ServiceError) -> [AvayaDownloadURL] {
        let operation = AvayaOperation.downloadURLs(fileKeys)
        return try exchange.wire.downloadURLs(try await exchange.send(operation), of: operation)
    }

    /// Uploads a file, and with it a picture that stands for it, and tells how a message names it. What is uploaded is seen by
    /// nobody until a message names it, so a call that throws can be made again.
    ///
    /// The file is streamed. Throws `.tooLarge` for more than 1 GB and `.fileUnusable` for a file that can't be read or changes
    /// meanwhile. An address that the storage refuses is asked for once more.
    public func upload(
        _ file: AvayaLocalFile, thumbnail: AvayaLocalFile? = nil, in space: RemoteConversationID? = nil,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(ServiceError) -> AvayaAttachment {
        try await AvayaFileTransfer(exchange: exchange).upload(file, thumbnail, in: space, progress: progress)
    }

    /// Downloads a file to a path, whole or not at all. Its address is asked for at each call, and once more if the storage
    /// refuses it.
    public func download(
        _ fileKey: String, to path: String, maximumBytes: Int64 = AvayaLimits.largestFile,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(ServiceError) {
        try await AvayaFileTransfer(exchange: exchange)
            .download(fileKey, to: path, maximumBytes: maximumBytes, progress: progress)
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
