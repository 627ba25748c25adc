# The pause image: the first process of a pod's sandbox does nothing until it is killed, in 4 KB.
	.globl _start
_start:
	movl $34, %eax		# pause(2)
	syscall
	jmp _start
