export { StreamDoor } from './stream.door.js';
