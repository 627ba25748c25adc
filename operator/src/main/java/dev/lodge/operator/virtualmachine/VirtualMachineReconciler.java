package dev.lodge.operator.virtualmachine;

import dev.lodge.api.v1alpha1.virtualmachine.VirtualMachine;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;

/**
 * Places VMs: each event leads to a {@link VmPass}. Status is written by the pass, never by JOSDK.
 */
@ControllerConfiguration(name = VirtualMachineReconciler.NAME)
public final class VirtualMachineReconciler implements Reconciler<VirtualMachine> {
  public static final String NAME = "virtualmachine";

  private final Operations ops;
  private final Wakeups wakeups;
  private final Timer passes;

  public VirtualMachineReconciler(Operations ops, Wakeups wakeups, MeterRegistry meters) {
    this.ops = ops;
    this.wakeups = wakeups;
    this.passes =
        Timer.builder("lodge.operator.pass")
            .description("One look at a VM and what followed from it")
            .register(meters);
  }

  @Override
  public List<EventSource<?, VirtualMachine>> prepareEventSources(
      EventSourceContext<VirtualMachine> context) {
    return List.of(wakeups.attach(context));
  }

  @Override
  public UpdateControl<VirtualMachine> reconcile(
      VirtualMachine vm, Context<VirtualMachine> context) {
    if (context.isPrimaryResourceDeleted()) {
      wakeups.waits(ResourceID.fromResource(vm), false);
      return UpdateControl.noUpdate();
    }
    Next next = passes.record(new VmPass(ops, vm)::run);
    wakeups.waits(ResourceID.fromResource(vm), Next.LATER.equals(next));
    return next.after() == null
        ? UpdateControl.noUpdate()
        : UpdateControl.<VirtualMachine>noUpdate().rescheduleAfter(next.after());
  }

  @Override
  public ErrorStatusUpdateControl<VirtualMachine> updateErrorStatus(
      VirtualMachine vm, Context<VirtualMachine> context, Exception e) {
    return ErrorStatusUpdateControl.noStatusUpdate();
  }
}
