#if os(macOS) || os(Linux)
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A child process that leads a group of its own, so that what it starts can be reached, too.
///
/// Foundation's `Process` learns of an end, on Linux, only when everybody who inherited from the child has ended as well; a
/// bridge may leave somebody behind.
struct BridgeProcess: Sendable {
    struct Failure: Error {}

    let id: pid_t

    /// Starts a program, looked for in `PATH` if its name has no slash. It inherits the three descriptors and no other that is
    /// marked to be closed.
    init(
        _ command: [String], environment: [String: String], input: Int32, output: Int32, errors: Int32
    ) throws(Failure) {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (target, descriptor) in [input, output, errors].enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        // Signals that this program ignores or holds back would stay so in the child, which then could not be asked to end.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var usual = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        guard let program = command.first, !program.isEmpty else { throw Failure() }
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var id: pid_t = 0
        guard posix_spawnp(&id, program, &actions, &attributes, &arguments, &variables) == 0 else { throw Failure() }
        self.id = id
    }

    /// Waits for the end. `willForget` is called when the process has ended and its id is still nobody else's.
    func wait(willForget: () -> Void) -> LiveKitBridgeEnd {
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        willForget()
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal)
    }

    /// Only before ``wait(willForget:)`` has called back: later the id may be another's.
    func signal(_ signal: Int32) {
        _ = kill(-id, signal)
    }
}
#endif
