export { USER, type UserDocument } from './user.schema.js';
export { UserDirectory } from './user-directory.js';
export { UsersModule } from './users.module.js';
export { UsersService, type UserChanges } from './users.service.js';
