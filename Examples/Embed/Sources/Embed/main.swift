import Foundation
import Tidemark
import TidemarkAzure
import TidemarkURLSession

let environment = ProcessInfo.processInfo.environment
guard let endpoint = environment["TIDEMARK_ENDPOINT"].flatMap(URL.init(string:)), let token = environment["TIDEMARK_TOKEN"] else {
    print("Set TIDEMARK_ENDPOINT and TIDEMARK_TOKEN; `tidemark simulate --service azure` prints both.")
    exit(2)
}

let store = try await MessageStore.open("chat.sqlite")
let service = AzureChatService(endpoint: endpoint, credential: .token(token), transport: URLSessionTransport())
let engine = try SyncEngine(store: store, service: service)

let trip = try await engine.createConversation(topic: "Trip")  // works offline
let message = try await engine.send("On the train, no network", to: trip.conversation)  // durable when it returns
async let syncing: Void = engine.run()  // cancel = stop
for try await timeline in engine.account.timeline(of: trip.conversation).updates() {
    for entry in timeline.entries { print(entry.text ?? "", entry.state) }
    if timeline.entries.contains(where: { $0.id == message.message && $0.state == .confirmed }) { break }
}
