/// One chat service for one user: what the engine asks of it. Everything that differs between services is in `traits`.
public protocol ChatService: Sendable {
    var traits: ServiceTraits { get }

    /// The user that the next request would be made as, or `nil` if the service can't tell.
    ///
    /// The engine asks before it sends anything and stops the account if the user is not one of the account's own
    /// (rule R13).
    func identity() async throws(ServiceError) -> ParticipantID?

    /// Makes one attempt. It neither retries nor follows redirects; cancellation ends it with `.cancelled` and the
    /// certainty that is true at that moment.
    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance

    /// Makes one attempt at an upload: a delivery whose action is ``Delivery/Action/upload(_:in:)``. As ``perform(_:)`` otherwise.
    ///
    /// The file is streamed from its path. `progress` is told how many bytes of the file itself, not of its thumbnail, have left
    /// so far; from any task, as often as is easy. The answer names the file in ``Acceptance/attachment``. A repeated upload makes
    /// a file that no message names, so an attempt of unknown outcome is just made again. The default throws `unsupported`.
    func upload(
        _ delivery: Delivery, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> Acceptance

    /// Writes the bytes of a file of a conversation to a path, which is made or written over.
    ///
    /// `progress` is told how many bytes have come so far. After an error, what stands at the path is not the file. The default
    /// throws `unsupported`.
    func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError)

    /// Tells the others in a conversation that the user is writing. One attempt, and nothing comes of it later: what is lost is
    /// lost. The default throws `unsupported`.
    func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError)

    /// Makes one read.
    func page(_ request: PageRequest) async throws(ServiceError) -> Page

    /// Reads again one item that an earlier version could not read; `nil`: this one can't either (rule R24).
    ///
    /// It is asked once for each of ``ServiceTraits/decoderVersion``, without any request. The default can't; a service
    /// around another one passes it on.
    func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items?

    /// As ``decode(_:of:)``, where ``ServiceTraits/ordering`` is `.arrival`: reads again a packet that an earlier version could not.
    func decodeArrival(_ raw: [UInt8]) -> RemoteArrival?

    /// Pushed events, where there are any. The engine polls in any case.
    func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable
}

extension ChatService {
    public func upload(
        _ delivery: Delivery, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> Acceptance {
        throw ServiceError(.unsupported, certainty: .notApplied)
    }

    public func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) {
        throw ServiceError(.unsupported, certainty: .notApplied)
    }

    public func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError) {
        throw ServiceError(.unsupported, certainty: .notApplied)
    }

    public func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? { nil }

    public func decodeArrival(_ raw: [UInt8]) -> RemoteArrival? { nil }

    public func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable {
        AsyncThrowingStream { $0.finish() }
    }
}
