import * as mona from './index.js';

export * from './index.js';
export default mona;
