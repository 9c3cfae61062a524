// The same module for `import`: one state, whichever way it is loaded.

import mona from './index.js';

const exportEvent = mona.export;

export default mona;
export { exportEvent as export };
export const {
  Client,
  Context,
  LOG,
  MonaError,
  STATUS,
  check,
  close,
  closeSub,
  closeSync,
  context,
  current,
  describe,
  enter,
  enterSub,
  exportBatch,
  float,
  flush,
  flushSync,
  id,
  init,
  isDisabled,
  logLevel,
  onLog,
  open,
  openSub,
  outside,
  raiseErrors,
  reset,
  setDisabled,
  setGlobals,
  stats,
  sub,
  take,
  takeText,
  version,
} = mona;
