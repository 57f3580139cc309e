/** The load balancer as a part of a program: it needs nothing of the control plane. */
export { runProxy, type Proxy, type ProxyOptions } from './load-balancer/process/main';
