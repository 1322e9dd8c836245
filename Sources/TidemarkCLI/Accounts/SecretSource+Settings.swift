import ArgumentParser
import Foundation

/// How an account keeps where a secret is found.
extension SecretSource {
    /// `nil`: there is none under this name.
    init?(_ name: String, in settings: [String: String]) {
        if let variable = settings["\(name)-env"] {
            self = .environment(variable)
        } else if let path = settings["\(name)-file"] {
            self = .file(path)
        } else if let command = settings["\(name)-command"] {
            self = .command(command)
        } else {
            return nil
        }
    }

    func note(as name: String, in settings: inout [String: String]) {
        switch self {
        case .environment(let variable): settings["\(name)-env"] = variable
        case .file(let path): settings["\(name)-file"] = path
        case .command(let command): settings["\(name)-command"] = command
        }
    }

    /// All that were named.
    static func named(environment: String?, file: String?, command: String?) -> [SecretSource] {
        [
            environment.map { .environment($0) },
            // A later command may run in another folder.
            file.map { .file(URL(filePath: $0).standardizedFileURL.path) },
            command.map { .command($0) },
        ].compactMap { $0 }
    }

    /// The variable that holds it, if one does.
    var variable: String? {
        if case .environment(let name) = self { name } else { nil }
    }
}
