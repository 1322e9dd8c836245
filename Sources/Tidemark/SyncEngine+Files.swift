internal import Synchronization
public import TidemarkModel
internal import TidemarkStore

extension SyncEngine {
    /// The path of a file of a message: of the copy that is here, or of one that is fetched now.
    ///
    /// Calls for one file share one download. It is written under another name and gets its own once it is whole and as large as the
    /// service said, so that what stands at the path is the file. Copies of what the service has are kept up to
    /// ``SyncConfiguration/fileCacheBytes``; beyond that those that were not asked for the longest time go: read it soon, or make a
    /// copy. It must not be changed there. Cancelling ends this call, and the download if nobody else waits for it.
    ///
    /// Throws ``StoreError``: `notFound` for a file that this account does not have, that was deleted, or that is neither here nor at the
    /// service; `damaged` for another number of bytes; `diskFull`; `readOnly`. And ``ServiceError`` for what the service or the network
    /// refuses.
    public func file(of id: AttachmentID) async throws -> String {
        while true {
            try checkSignedIn()
            try Task.checkCancellation()
            let place = try store.place(of: id, account, clock.moment)
            if let path = place.path { return path }
            guard let file = place.file, let conversation = place.conversation else {
                throw StoreError(.notFound, "File \(id) is not at the service, and its copy is gone; send it again.")
            }
            // Whoever comes first fetches it for all; should it be given up, the next one takes over.
            guard downloads.begin(id) else {
                guard let result = await downloads.wait(for: id) else { continue }
                return try result.get()
            }
            return try await share(id) { try await fetch(place, file, in: conversation) }
        }
    }

    /// All who wait get what came of it, unless it was only given up.
    private func share(_ id: AttachmentID, _ body: () async throws -> String) async throws -> String {
        do {
            let path = try await body()
            downloads.end(id, .success(path))
            return path
        } catch {
            downloads.end(id, Task.isCancelled ? nil : .failure(error))
            throw error
        }
    }

    private func fetch(_ place: FilePlace, _ file: RemoteFileID, in conversation: RemoteConversationID) async throws -> String {
        let fetch = try store.beginFetch(place)
        do {
            try await service.download(file, in: conversation, to: fetch.partPath) { _ in }
        } catch {
            store.abandon(fetch)
            try Task.checkCancellation()
            throw error
        }
        return try store.keep(fetch, at: place, limit: configuration.fileCacheBytes, clock.moment)
    }
}
