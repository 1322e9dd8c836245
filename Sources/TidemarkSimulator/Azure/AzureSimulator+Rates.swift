/// The published limits (wire page §6). Refused calls count too.
extension AzureSimulator {
    private struct Limit {
        var name: String
        var perThread: Bool
        var perUser: Bool
        var inTenSeconds: Int?
        var inMinute: Int?
    }

    mutating func keepRate(_ call: AzureCall, _ user: String) throws(AzureRefusal) {
        guard behavior.limitsRates else { return }
        var isOver = false
        for limit in Self.limits(call) {
            let key = [limit.name, limit.perThread && call.path.count > 2 ? call.path[2] : "", limit.perUser ? user : ""]
                .joined(separator: " ")
            let recent = (hits[key] ?? []).filter { $0 > call.now - 60_000 }
            hits[key] = recent + [call.now]
            let last = recent.filter { $0 > call.now - 10_000 }.count
            isOver = isOver || limit.inTenSeconds.map { last >= $0 } == true || limit.inMinute.map { recent.count >= $0 } == true
        }
        guard !isOver else {
            throw AzureRefusal(
                status: 429, code: "TooManyRequests", message: "Too many requests.",
                retryAfter: behavior.sendsRetryAfter ? 10 : nil)
        }
    }

    private static func limits(_ call: AzureCall) -> [Limit] {
        let tail = call.path.dropFirst(3).first?.lowercased()
        switch (call.method, tail) {
        case ("POST", "messages"), ("PATCH", "messages"), ("DELETE", "messages"):
            return [Limit(name: "write", perThread: true, perUser: false, inTenSeconds: 10, inMinute: 30)]
        case ("GET", "messages") where call.path.count == 4:
            return [
                Limit(name: "list", perThread: true, perUser: true, inTenSeconds: 50, inMinute: 200),
                Limit(name: "listAll", perThread: true, perUser: false, inTenSeconds: 250, inMinute: 400),
            ]
        case ("GET", "messages"):
            return [
                Limit(name: "get", perThread: true, perUser: true, inTenSeconds: 50),
                Limit(name: "getAll", perThread: true, perUser: false, inTenSeconds: 250),
            ]
        case ("POST", "participants"):
            return [Limit(name: "members", perThread: true, perUser: false, inTenSeconds: 10, inMinute: 30)]
        case ("GET", "participants"):
            return [
                Limit(name: "participants", perThread: true, perUser: true, inTenSeconds: 10),
                Limit(name: "participantsAll", perThread: true, perUser: false, inTenSeconds: 250),
            ]
        case ("GET", "readreceipts"):
            return [
                Limit(name: "receipts", perThread: true, perUser: true, inTenSeconds: 5),
                Limit(name: "receiptsAll", perThread: true, perUser: false, inTenSeconds: 100),
            ]
        case ("POST", "readreceipts"):
            return [Limit(name: "receipt", perThread: true, perUser: true, inTenSeconds: 10, inMinute: 30)]
        case ("POST", "typing"):
            return [
                Limit(name: "typing", perThread: true, perUser: true, inTenSeconds: 5, inMinute: 15),
                Limit(name: "typingAll", perThread: true, perUser: false, inTenSeconds: 10, inMinute: 30),
            ]
        case ("POST", nil), ("DELETE", nil): return [Limit(name: "threads", perThread: false, perUser: true, inTenSeconds: 10)]
        case ("PATCH", nil): return [Limit(name: "update", perThread: true, perUser: false, inTenSeconds: 5)]
        case ("GET", nil): return [Limit(name: "threadList", perThread: false, perUser: true, inTenSeconds: 50)]
        default: return []
        }
    }
}
