export { CoordinatorDoor } from './coordinator.door.js';
