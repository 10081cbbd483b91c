-- Support reads what a person did when the person asks why; only administrators correct whose a device was.
INSERT INTO users.role_permission (role, permission)
VALUES
    ('support', 'analytics.read'),
    ('admin', 'analytics.read'),
    ('admin', 'analytics.admin');
