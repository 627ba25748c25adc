package dev.lodge.domain.plan;

import static dev.lodge.domain.plan.PlanFixture.KVM;
import static dev.lodge.domain.plan.PlanFixture.disk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lodge.domain.machine.DevicePlan.Disk.Bus;
import dev.lodge.domain.machine.DevicePlan.Disk.Device;
import dev.lodge.domain.machine.MachinePlan;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DiskPlannerTest {
  private static final String DISK = "{'name':'%s','source':{}%s}";

  private static String disks(String... disks) {
    return ",'disks':[" + String.join(",", disks) + "]";
  }

  private static String d(String name, String more) {
    return DISK.formatted(name, more);
  }

  @Test
  void every_setting_of_a_disk_is_written_out() {
    var root = disk(KVM.plan(disks(d("root", ""))), "root");
    assertThat(root.bus()).isEqualTo(Bus.VIRTIO);
    assertThat(root.target()).isEqualTo("vda");
    assertThat(root.cache()).isEqualTo("none");
    assertThat(root.io()).isEqualTo("native");
    assertThat(root.discard()).isEqualTo("unmap");
    assertThat(root.errorPolicy()).isEqualTo("stop");
    assertThat(root.iothread()).isEqualTo(1);
    assertThat(root.bootOrder()).isEqualTo(1);
    assertThat(disk(KVM.plan(disks(d("q", ",'format':'QCOW2'"))), "q").io()).isEqualTo("threads");
  }

  @Test
  void a_file_system_without_direct_io_gets_the_hosts_cache_and_it_is_said() {
    var without = KVM.withoutDirectIo();
    var root = disk(without.plan(disks(d("root", ""))), "root");
    assertThat(root.cache()).isEqualTo("writeback");
    assertThat(root.io()).isEqualTo("threads");
    assertThat(without.remarks(disks(d("root", ""))))
        .singleElement()
        .asString()
        .startsWith("disks[root].cache: Writeback");
    assertThat(without.problems(disks(d("root", ",'cache':'None'"))))
        .extracting(Problem::path)
        .containsExactly("disks[root].cache");
  }

  @Test
  void a_cdrom_is_read_only_and_goes_through_the_hosts_cache() {
    MachinePlan plan = KVM.plan(disks("{'name':'cd','device':'CDROM'}"));
    var cd = disk(plan, "cd");
    assertThat(cd.device()).isEqualTo(Device.CDROM);
    assertThat(cd.source()).isNull();
    assertThat(cd.readOnly()).isTrue();
    assertThat(cd.cache()).isEqualTo("writeback");
    assertThat(cd.discard()).isEqualTo("ignore");
    assertThat(cd.bus()).isEqualTo(Bus.SATA);
    String onPc = ",'machine':{'type':'pc'}" + disks("{'name':'cd','device':'CDROM'}");
    assertThat(disk(KVM.plan(onPc), "cd").bus()).isEqualTo(Bus.IDE);
  }

  @Test
  void where_nothing_has_a_boot_order_the_first_disk_comes_first_then_the_cdrom() {
    String cd = "{'name':'cd','device':'CDROM'}";
    MachinePlan plan = KVM.plan(disks(cd, d("a", ""), d("b", "")));
    assertThat(disk(plan, "a").bootOrder()).isEqualTo(1);
    assertThat(disk(plan, "cd").bootOrder()).isEqualTo(2);
    assertThat(disk(plan, "b").bootOrder()).isNull();
    assertThat(disk(KVM.plan(disks(cd)), "cd").bootOrder()).isEqualTo(1);
    MachinePlan said = KVM.plan(disks(d("a", ""), d("b", ",'bootOrder':3")));
    assertThat(disk(said, "a").bootOrder()).isNull();
    assertThat(disk(said, "b").bootOrder()).isEqualTo(3);
    String kernel = ",'firmware':{'kernel':{'kernelRef':{}}}";
    assertThat(disk(KVM.plan(disks(d("a", "")) + kernel), "a").bootOrder()).isNull();
    String network = ",'interfaces':[{'name':'n','bootOrder':1}]";
    assertThat(disk(KVM.plan(disks(d("a", "")) + network), "a").bootOrder()).isNull();
  }

  @Test
  void cloud_init_comes_on_a_cdrom_that_small_kernels_can_read() {
    MachinePlan plan = KVM.plan(",'cloudInit':{'userData':'x'}");
    assertThat(disk(plan, "cloud-init").bus()).isEqualTo(Bus.SCSI);
    assertThat(disk(plan, "cloud-init").bootOrder()).isNull();
    MachinePlan pc = KVM.plan(",'machine':{'type':'pc'},'cloudInit':{'userData':'x'}");
    assertThat(disk(pc, "cloud-init").bus()).isEqualTo(Bus.IDE);
  }

  @Test
  void what_libvirt_would_refuse_is_refused_before_with_the_mend() {
    assertThat(KVM.problems(disks(d("a", ",'bus':'IDE'"))))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).startsWith("disks[a].bus: IDE").contains("SATA"));
    assertThat(KVM.problems(",'machine':{'type':'pc'}" + disks(d("a", ",'bus':'SATA'"))))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).startsWith("disks[a].bus: SATA").contains("IDE"));
    assertThat(KVM.withoutDirectIo().problems(disks(d("a", ",'io':'Native'"))))
        .extracting(Problem::path)
        .containsExactly("disks[a].io");
    assertThat(KVM.problems(disks(d("a", ",'access':'Shared','format':'QCOW2'"))))
        .extracting(Problem::path)
        .containsExactly("disks[a].access");
    assertThat(KVM.withoutDirectIo().problems(disks(d("a", ",'access':'Shared'"))))
        .extracting(Problem::path)
        .containsExactly("disks[a].access");
  }

  @Test
  void a_bus_that_is_full_says_so() {
    assertThat(KVM.problems(many(7, "SATA")))
        .singleElement()
        .satisfies(p -> assertThat(p.text()).startsWith("disks[d6].bus: ").contains("SCSI"));
    assertThat(KVM.problems(many(6, "SATA"))).isEmpty();
    assertThat(KVM.problems(",'machine':{'type':'pc'}" + many(5, "IDE"))).hasSize(1);
    assertThat(KVM.problems(",'machine':{'type':'pc'}" + many(29, "Virtio"))).isNotEmpty();
    assertThat(KVM.problems(many(64, "Virtio"))).isEmpty();
    assertThat(KVM.problems(many(64, "SCSI"))).isEmpty();
    assertThat(KVM.problems(many(15, "USB"))).hasSize(1);
  }

  private static String many(int count, String bus) {
    return disks(
        IntStream.range(0, count)
            .mapToObj(n -> d("d" + n, ",'bus':'" + bus + "'"))
            .collect(Collectors.joining(",")));
  }

  @Test
  void targets_go_on_after_z() {
    assertThat(IntStream.of(0, 25, 26, 51, 52, 701, 702).mapToObj(TargetNames::letters))
        .containsExactly("a", "z", "aa", "az", "ba", "zz", "aaa");
  }
}
