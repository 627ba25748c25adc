package dev.lodge.operator.vmhost;

import dev.lodge.api.v1alpha1.vmhost.VmHost;
import dev.lodge.operator.cache.Cluster;
import dev.lodge.operator.client.ApiClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Looks after nodes: each change of a VmHost or its Node leads to a {@link HostPass}. */
@ControllerConfiguration(name = VmHostReconciler.NAME)
public final class VmHostReconciler implements Reconciler<VmHost> {
  public static final String NAME = "vmhost";

  private static final Duration SOON = Duration.ofSeconds(1);

  private final ApiClient api;
  private final Cluster cluster;
  private final Predicate<String> holdsVms;
  private final SimpleInboundEventSource<VmHost> nodes = new SimpleInboundEventSource<>("nodes");

  /**
   * @param holdsVms whether a VM's record names the node as one that may run it
   */
  public VmHostReconciler(ApiClient api, Cluster cluster, Predicate<String> holdsVms) {
    this.api = api;
    this.cluster = cluster;
    this.holdsVms = holdsVms;
  }

  /** A Node changed. */
  public void wake(String name) {
    nodes.propagateEvent(new ResourceID(name));
  }

  @Override
  public List<EventSource<?, VmHost>> prepareEventSources(EventSourceContext<VmHost> context) {
    return List.of(nodes);
  }

  @Override
  public UpdateControl<VmHost> reconcile(VmHost host, Context<VmHost> context) {
    if (context.isPrimaryResourceDeleted()) {
      return UpdateControl.noUpdate();
    }
    return new HostPass(api, cluster, host, holdsVms).run()
        ? UpdateControl.noUpdate()
        : UpdateControl.<VmHost>noUpdate().rescheduleAfter(SOON);
  }

  @Override
  public ErrorStatusUpdateControl<VmHost> updateErrorStatus(
      VmHost host, Context<VmHost> context, Exception e) {
    return ErrorStatusUpdateControl.noStatusUpdate();
  }
}
