/** Plain http is acceptable here only: nothing leaves the machine. */
export const isLoopback = ({ hostname }: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
