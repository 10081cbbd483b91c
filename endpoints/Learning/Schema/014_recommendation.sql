-- "What builds on this course" reads the prerequisites from their other end.
CREATE INDEX course_prerequisite_by_prerequisite ON learning.course_prerequisite (prerequisite_id, course_id);
