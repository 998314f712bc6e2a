// The public surface of @waxwing/receiver/testing: signed requests, and every kind of bad one, for your own test suite. Node only.
export { TestSender } from './test-sender.ts';
export type { TestEvent, TestRequest, TestSenderOptions } from './test-sender.ts';
