export { sharedStreams, type SharedStreamsOptions } from './shared-streams.js';
