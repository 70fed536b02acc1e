export { USER, type UserDocument } from './user.schema.js';
export { UsersModule } from './users.module.js';
export { UsersService, type UserChanges } from './users.service.js';
