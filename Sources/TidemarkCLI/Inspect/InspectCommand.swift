import ArgumentParser
import Tidemark

/// The store as a page to look at.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show the store as a page in a browser of this machine, until stopped.",
        discussion: """
            The first line on standard output says where it is. The page is only to look at: it changes nothing, is served on \
            127.0.0.1 alone and only to who knows the address, and loads nothing from elsewhere. It follows what other \
            processes write.

            EXAMPLE
              tidemark inspect
            """)

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 0

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("A port is a number from 0 to 65535.") }
    }

    func run() async throws {
        let store = try await common.openToLook()
        // A name that is none is said here and not in the page.
        if common.account != nil { _ = try store.account(common.accountName) }
        let server = InspectServer(InspectSource(store: store, common: common), port: port)
        let output = common.output
        do {
            try await Interruption.gracefully {
                try await server.run { address in
                    if output.isJSON {
                        output.json([("url", .string(address.url)), ("port", .number(address.port))])
                    } else {
                        Terminal.standardError("Open this address in a browser of this machine; Ctrl-C ends it:")
                        output.line(address.url)
                    }
                }
            }
        } catch let error as ExitStatus {
            throw error
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.failed, code: "port", "Port \(port) can't be opened; name another with --port, or 0 for a free one.")
        }
    }
}
