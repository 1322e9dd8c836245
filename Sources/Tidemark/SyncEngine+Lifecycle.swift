#if Lifecycle
public import ServiceLifecycle

/// In a service group a graceful shutdown stops `run()` as a cancel does; what is unsent stays in the store.
extension SyncEngine: Service {}
#endif
