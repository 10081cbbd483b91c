-- Support helps with purchases, refunds and disputes; fees, reports and rebuilds are the administrators'.
INSERT INTO users.role_permission (role, permission)
VALUES
    ('support', 'payments.support'),
    ('admin', 'payments.support'),
    ('admin', 'payments.admin');
