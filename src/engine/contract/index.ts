export { type AgentAnswer, type AgentRequest, ContractClient } from './client.ts';
export { ContractError, type ContractErrorCode } from './errors.ts';
export { type Health, type PingOptions, ping, UnhealthyError } from './ping.ts';
