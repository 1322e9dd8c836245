import ArgumentParser
import Foundation
import Tidemark

/// Fetches the files of a message.
struct DownloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Fetch the files of a message.",
        discussion: """
            MSG is for all of its files, MSG/2 for the second one. What was fetched before is copied from beside the store and needs \
            no network. A file that is there already is left alone.

            EXAMPLE
              tidemark download m1 --to .
            """)

    @Argument(help: ArgumentHelp("The message, as elsewhere, and behind a slash the number of its file.", valueName: "msg[/n]"))
    var message: String

    @Option(help: ArgumentHelp("A folder, or for one file a new file. Default: the folder you are in.", valueName: "path"))
    var to = "."

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let account = try store.account(named: common.accountName)
        let view = try store.account(account.name)
        let files = try wanted(in: view)
        let places = try places(for: files)
        // What stands beside the store is copied without asking anybody.
        let isHere = files.allSatisfy { $0.localPath.map { FileManager.default.fileExists(atPath: $0) } ?? false }
        if isHere {
            let engine = try SyncEngine(
                store: store, service: try OfflineService(account), account: account.name, logger: common.logger)
            return try await fetch(files, to: places, engine)
        }
        try await SyncRun(common: common, store: store, account: account).connected { engine, _ in
            try await fetch(files, to: places, engine)
        }
    }

    private func fetch(_ files: [AttachmentView], to places: [URL], _ engine: SyncEngine) async throws {
        for (file, place) in zip(files, places) {
            let path = try await engine.file(of: file.id)
            do {
                try FileManager.default.copyItem(at: URL(filePath: path), to: place)
            } catch {
                throw Failure(
                    .failed, code: "file", "\(place.path) can't be written; see to its folder, and whether it is there already.")
            }
            tell(file, place)
        }
    }

    private func tell(_ file: AttachmentView, _ place: URL) {
        let output = common.output
        if output.isJSON {
            return output.json([
                ("attachment", .id(file.id)), ("name", .optional(file.name)), ("size", .optional(file.size)),
                ("contentType", .optional(file.contentType)), ("path", .string(place.path)),
            ])
        }
        let size = AttachmentText.size(of: file).map { " (\($0))" } ?? ""
        output.line("\(AttachmentText.name(of: file))\(size) → \(EscapedText.line(place.relativePath))")
    }

    // MARK: What and where

    private func wanted(in account: AccountView) throws -> [AttachmentView] {
        let (id, number) = try resolve(in: account)
        let files = try account.message(id).get().entry.attachments
        guard !files.isEmpty else { throw Failure(.failed, code: "notFound", "Message \(id) has no files.") }
        guard let number else { return files }
        guard files.indices.contains(number - 1) else {
            throw Failure(
                .failed, code: "notFound",
                files.count == 1 ? "Message \(id) has one file." : "Message \(id) has \(files.count) files.")
        }
        return [files[number - 1]]
    }

    /// `MSG/2`; a conversation and a message are named with a slash too, and then the last part is no small number of a file.
    private func resolve(in account: AccountView) throws -> (MessageID, Int?) {
        if let slash = message.lastIndex(of: "/"), let number = Int(message[message.index(after: slash)...]),
            let id = try? account.resolveMessage(String(message[..<slash]))
        {
            return (id, number)
        }
        return (try account.resolveMessage(message), nil)
    }

    /// New files' names, none of them there yet and no two the same.
    private func places(for files: [AttachmentView]) throws -> [URL] {
        let target = URL(filePath: to)
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: target.path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else {
            guard !exists else { throw Failure(.failed, code: "exists", "\(to) is there already; name a new file.") }
            guard files.count == 1 else { throw Failure.usage("--to takes a folder for several files, and \(to) is none.") }
            return [target]
        }
        var places: [URL] = []
        for file in files {
            let name = AttachmentText.fileName(of: file)
            let place = Self.numbered(name).lazy.map { target.appending(path: $0) }.first { place in
                !places.contains(place) && !FileManager.default.fileExists(atPath: place.path)
            }
            guard let place else { throw Failure(.failed, code: "exists", "The folder has \(name) too often; name a file.") }
            places.append(place)
        }
        return places
    }

    /// `a.png`, `a-2.png`, …
    private static func numbered(_ name: String) -> [String] {
        let url = URL(filePath: name)
        let (stem, ending) = (url.deletingPathExtension().lastPathComponent, url.pathExtension)
        return [name] + (2...1000).map { ending.isEmpty ? "\(stem)-\($0)" : "\(stem)-\($0).\(ending)" }
    }
}
