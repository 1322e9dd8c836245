public import HTTPTypes

extension HTTPTransport {
    public func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        try await uploadInMemory(request, file: path, limits: limits, progress: progress)
    }

    package func uploadInMemory(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let file = try FileSource(path: path, announced: request.announcedLength)
        guard file.size <= HTTPLimits.largestFileInMemory else {
            throw TransportError(.fileTooLarge, requestMayHaveArrived: false)
        }
        let body: [UInt8]
        do {
            body = try file.read(at: 0, maximum: Int(file.size))
        } catch {
            throw TransportError(error.code, requestMayHaveArrived: false)
        }
        let response = try await send(request, body: body, limits: limits)
        progress(file.size)
        return response
    }

    public func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        try await downloadInMemory(request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
    }

    package func downloadInMemory(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        var wider = limits
        let bound = max(0, min(maximumBytes, HTTPLimits.largestFileInMemory))
        wider.maximumResponseBytes = max(limits.maximumResponseBytes, Int(bound))
        var response = try await send(request, body: [], limits: wider)
        let isFile = response.head.status.kind == .successful
        guard response.body.count <= (isFile ? Int(bound) : limits.maximumResponseBytes) else {
            throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
        }
        guard isFile else { return response }
        let file = try FileDestination(path: path)
        try file.write(response.body)
        try file.commit()
        progress(Int64(response.body.count))
        response.body = []
        return response
    }
}

extension HTTPRequest {
    /// What the request says of its body's size; a number that is none counts as another size than any file's.
    package var announcedLength: Int64? {
        headerFields[.contentLength].map { Int64($0) ?? -1 }
    }
}
