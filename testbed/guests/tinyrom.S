# A 64 KiB firmware that is a whole guest: no SeaBIOS, no kernel, 2 MiB of memory.
#
#   LODGE-TINY-OK      on COM1 about a second after the start
#   tick N             each second (N decimal, from 1): a guest that goes on counting was
#                      not restarted
#   what comes in on COM1 goes out again: a console can be tested in both directions
#
# It runs under real KVM, nested too, where Linux kernels hang: nothing but real mode,
# port I/O and the timer interrupt. It has no ACPI: it can be destroyed, reset, suspended,
# saved and migrated, but not asked to shut down.
#
# as --32; ld -m elf_i386 -Ttext 0 --oformat binary

.code16
.globl _start
.set TICKS, 0x500               # timer interrupts since the last line
.set SECONDS, 0x504             # lines so far
.set HZ, 20
.set COM1, 0x3f8

.org 0
_start:
  cli
  cld
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %ss
  movw $0x7000, %sp

# The serial port, the interrupt controllers and the timer
  movw $init, %si
1:
  movw %cs:(%si), %dx           # a table of port, value; port 0 ends it
  movb %cs:2(%si), %al
  addw $3, %si
  testw %dx, %dx
  jz 2f
  outb %al, %dx
  jmp 1b
2:
  movw $timer, 0x80             # vector 0x20 is IRQ 0
  movw %cs, 0x82
  movw $serial, 0x90            # 0x24 is IRQ 4
  movw %cs, 0x92
  movw $0, TICKS
  movl $0, SECONDS

# The local APIC starts with the line of the 8259 (LINT0) masked. Without an APIC the 8259
# reaches the CPU directly: under KVM it is enough to switch it off.
  movl $0x40000000, %eax        # who is the hypervisor?
  cpuid
  cmpl $0x54474354, %ebx        # "TCGT"
  je emulated
  movl $0x1b, %ecx
  rdmsr
  andl $~0x800, %eax
  wrmsr
  jmp ready

# QEMU's own APIC does not do so: enable it, with LINT0 as ExtINT. Its registers are above
# 1 MiB, so DS gets a 4 GiB limit ("unreal mode", which hangs under nested KVM).
emulated:
  lgdtl %cs:gdt_pointer
  movl %cr0, %eax
  orb $1, %al
  movl %eax, %cr0
  movw $8, %bx
  movw %bx, %ds
  andb $0xfe, %al
  movl %eax, %cr0
  xorw %bx, %bx
  movw %bx, %ds
  movl $0xfee00000, %ebx
  movl $0x1ff, 0xf0(%ebx)       # spurious vector, enabled
  movl $0x700, 0x350(%ebx)      # LINT0
ready:
  movw $hello, %si
  call puts
  sti

# Woken by the timer or by a byte: echo what came in, print a line when a second is over.
main:
  cli                           # sti lets nothing in before the hlt: no byte is missed
  movw $(COM1 + 5), %dx
  inb %dx, %al
  testb $1, %al
  jnz 4f
  sti
  hlt
  jmp 5f
4:
  sti
  movw $COM1, %dx
  inb %dx, %al
  call putc
  cmpb $'\r', %al               # a terminal sends CR alone
  jne main
  movb $'\n', %al
  call putc
  jmp main
5:
  cmpw $HZ, TICKS
  jb main
  subw $HZ, TICKS
  incl SECONDS
  movw $tick, %si
  call puts
  movl SECONDS, %eax
  call putn
  movw $newline, %si
  call puts
  jmp main

timer:
  pushw %ax
  incw TICKS
  movb $0x20, %al
  outb %al, $0x20
  popw %ax
  iret

serial:                         # only wakes the main loop
  pushw %ax
  movb $0x20, %al
  outb %al, $0x20
  popw %ax
  iret

puts:                           # the string at cs:si
  movb %cs:(%si), %al
  incw %si
  testb %al, %al
  jz 6f
  call putc
  jmp puts
6:
  ret

putn:                           # eax in decimal
  movl $10, %ebx
  xorw %cx, %cx
7:
  xorl %edx, %edx
  divl %ebx
  pushw %dx
  incw %cx
  testl %eax, %eax
  jnz 7b
8:
  popw %ax
  addb $'0', %al
  call putc
  loop 8b
  ret

putc:                           # al; waits for the transmitter, but never for ever
  pushw %dx
  pushw %cx
  pushw %ax
  movw $(COM1 + 5), %dx
  movw $1000, %cx
9:
  inb %dx, %al
  testb $0x20, %al
  loopz 9b
  popw %ax
  movw $COM1, %dx
  outb %al, %dx
  popw %cx
  popw %dx
  ret

hello:   .asciz "LODGE-TINY-OK\r\n"
tick:    .asciz "tick "
newline: .asciz "\r\n"

.balign 8
gdt:
  .quad 0
  .quad 0x00cf92000000ffff      # data, base 0, limit 4 GiB
gdt_pointer:
  .word . - gdt - 1
  .long 0xf0000 + gdt

.macro io port, value
  .word \port
  .byte \value
.endm
init:
  io COM1+3, 0x80               # divisor latch
  io COM1, 1
  io COM1+1, 0
  io COM1+3, 3                  # 8N1
  io COM1+2, 7                  # FIFO on and clear
  io COM1+4, 0x0b               # DTR, RTS, OUT2 (lets the interrupt through)
  io COM1+1, 1                  # interrupt when a byte is there
  io 0x20, 0x11                 # both 8259: vectors 0x20 and 0x28, IRQ 0 and 4 open
  io 0xa0, 0x11
  io 0x21, 0x20
  io 0xa1, 0x28
  io 0x21, 4
  io 0xa1, 2
  io 0x21, 1
  io 0xa1, 1
  io 0x21, 0xee
  io 0xa1, 0xff
  io 0x43, 0x34                 # timer: 1193182 / HZ = 59659 = 0xe90b
  io 0x40, 0x0b
  io 0x40, 0xe9
  .word 0
  .byte 0

.org 0xfff0                     # where the CPU starts
  ljmp $0xf000, $_start
.org 0x10000
