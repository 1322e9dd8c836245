import Foundation

/// How this process asks the system for memory.
enum Allocator {
    private typealias Mallopt = @convention(c) (_ parameter: CInt, _ value: CInt) -> CInt

    /// Keeps what was freed: each history takes as much again as the one before gave back, and the kernel clears pages that come and
    /// go each time. Swift's module of glibc has no `malloc.h`; other systems have no `mallopt`, and keep it by themselves.
    static func keepFreedMemory() {
        guard let address = dlsym(nil, "mallopt") else { return }
        let mallopt = unsafeBitCast(address, to: Mallopt.self)
        let (trimThreshold, topPad, mmapThreshold): (CInt, CInt, CInt) = (-1, -2, -3)
        _ = mallopt(trimThreshold, 1 << 30)
        _ = mallopt(topPad, 1 << 24)
        _ = mallopt(mmapThreshold, 1 << 30)
    }
}
