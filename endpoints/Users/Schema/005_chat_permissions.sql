-- Who closes reports of messages.
INSERT INTO users.role_permission (role, permission)
VALUES
    ('moderator', 'chat.moderate'),
    ('admin', 'chat.moderate');
