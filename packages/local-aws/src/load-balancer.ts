/** The load balancer as part of a program: it works without the control plane. */
export { runProxy, type Proxy, type ProxyOptions } from './load-balancer/process/main';
