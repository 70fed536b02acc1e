export { aiSdk } from './ai-sdk.dialect.js';
