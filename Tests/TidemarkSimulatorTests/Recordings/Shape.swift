@testable import TidemarkSimulator

/// Which members a JSON text has, at any depth: lists count as all their elements together, values do not count.
enum Shape {
    static func of(_ json: JSON?) -> Set<String> {
        var paths: Set<String> = []
        collect(json, "", &paths)
        return paths
    }

    private static func collect(_ json: JSON?, _ path: String, _ paths: inout Set<String>) {
        // Whoever wrote the metadata chose its keys.
        if path.hasSuffix(".metadata") { return }
        switch json {
        case .object(let members)?:
            for (name, value) in members {
                paths.insert("\(path).\(name)")
                collect(value, "\(path).\(name)", &paths)
            }
        case .list(let list)?:
            for element in list { collect(element, path + "[]", &paths) }
        default: break
        }
    }
}
