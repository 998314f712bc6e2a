// How a running command is told to end: the first SIGTERM or SIGINT asks politely, a second one insists.

/**
 * npm, a shell and our own launcher may each pass on the one Ctrl-C that a person typed; what comes this soon after the
 * first is its echo.
 */
const ECHO_MS = 500;

export interface Ending {
  /** Resolves with the first signal. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Stops listening for signals. */
  dispose(): void;
}

/** @param insist called at the second signal */
export function listenForEnd(insist: (signal: NodeJS.Signals) => void): Ending {
  let firstMs: number | null = null;
  let ask: (signal: NodeJS.Signals) => void = () => {};
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    ask = resolve;
  });
  function onSignal(signal: NodeJS.Signals): void {
    if (firstMs === null) {
      firstMs = performance.now();
      ask(signal);
    } else if (performance.now() - firstMs > ECHO_MS) insist(signal);
  }
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    asked,
    dispose: () => {
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}
