import ArgumentParser

/// A defect that can be planted, to see that the demo's check notices it.
enum DemoBreak: String, CaseIterable, ExpressibleByArgument {
    /// What may have been done is called not done, and so done again.
    case resend
    /// A send is answered with yes, and never made.
    case lose
    /// Pages forget that others deleted something.
    case resurrect
    /// Pages leave out what others wrote.
    case hide
    /// A send is held back until the next one has gone.
    case reorder
}
