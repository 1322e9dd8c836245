internal import Foundation
internal import Synchronization
internal import TidemarkModel
internal import TidemarkStore

/// One attempt at an upload: the bytes leave, what has left is written down now and then, and it is cut off when nobody wants the file
/// any more.
struct Upload {
    let delivery: Delivery
    let file: OutgoingFile
    let engine: SyncEngine

    /// How many bytes have left. The transport tells it from anywhere, as often as it likes; it never waits for the disk.
    private final class Count: Sendable {
        private let bytes = Mutex<Int64>(0)

        var value: Int64 { bytes.withLock { $0 } }

        func tell(_ count: Int64) {
            bytes.withLock { $0 = max($0, count) }
        }
    }

    func run() async -> Result<Acceptance, ServiceError> {
        let paths = [file.path] + (file.thumbnailPath.map { [$0] } ?? [])
        guard paths.allSatisfy(FileManager.default.fileExists) else {
            return .failure(
                ServiceError(
                    .invalid, certainty: .notApplied,
                    serviceMessage: "The store's copy of the file is gone. Discard the message and send it again."))
        }
        let (delivery, engine, count) = (delivery, engine, Count())
        let (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return await withTaskGroup(of: Result<Acceptance, ServiceError>?.self) { group in
            group.addTask {
                await SyncLoop.result { () throws(ServiceError) in
                    try await engine.service.upload(delivery) { bytes in
                        count.tell(bytes)
                        change.yield()
                    }
                }
            }
            group.addTask {
                await Self.note(count, when: changes, of: delivery, engine)
                return nil
            }
            group.addTask {
                await engine.store.waitUntilUnwanted(delivery)
                return nil
            }
            var result: Result<Acceptance, ServiceError>?
            for await answer in group {
                result = result ?? answer
                // It is over, or not wanted any more: either way nothing is left to do but to wait for its answer.
                if answer != nil || !engine.store.isWanted(delivery) { group.cancelAll() }
            }
            return result ?? .failure(ServiceError(.cancelled, certainty: .unknown))
        }
    }

    private static func note(
        _ count: Count, when changes: AsyncStream<Void>, of delivery: Delivery, _ engine: SyncEngine
    ) async {
        for await _ in changes {
            do {
                try engine.store.noteProgress(count.value, of: delivery)
                // What comes meanwhile is written down after it, all of it at once.
                try await engine.clock.sleep(until: engine.clock.now + engine.configuration.uploadProgressInterval)
            } catch {
                // It is over, or the disk is full: the upload goes on without.
                return
            }
        }
    }
}
