package dev.lodge.domain.machine;

/**
 * Who a machine is.
 *
 * @param uid the object's UID; kept in the domain's metadata, which makes the domain ours
 * @param domainName libvirt's name, see {@link DomainNames}
 * @param uuid what libvirt and the guest see; {@code firmware.uuid} or the UID
 * @param epoch the ownership epoch under which the machine is started
 */
public record MachineIdentity(
    String namespace, String name, String uid, String domainName, String uuid, long epoch) {}
