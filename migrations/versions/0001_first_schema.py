"""first schema

Revises nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contract_role',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_contract_role'))
    )
    op.create_table('coverage_tile',
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('period', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('tx', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('ty', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bits', postgresql.BIT(length=65536), nullable=False),
    sa.PrimaryKeyConstraint('day', 'period', 'tx', 'ty', name=op.f('pk_coverage_tile'))
    )
    op.create_table('department',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department')),
    sa.UniqueConstraint('code', name=op.f('uq_department_code'))
    )
    op.create_table('deployment',
    sa.Column('id', sa.SmallInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('metric_epsg', sa.Integer(), nullable=False),
    sa.Column('cell_m', sa.Double(), nullable=False),
    sa.Column('fill_settings', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('is_demo', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_deployment_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deployment'))
    )
    op.create_table('fix',
    sa.Column('device_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('track_id', sa.BigInteger(), nullable=False),
    sa.Column('lon', sa.DOUBLE_PRECISION(), nullable=False),
    sa.Column('lat', sa.DOUBLE_PRECISION(), nullable=False),
    sa.Column('accuracy_m', sa.REAL(), server_default=sa.text("'NaN'"), nullable=False),
    sa.Column('speed_mps', sa.REAL(), server_default=sa.text("'NaN'"), nullable=False),
    sa.Column('heading_deg', sa.REAL(), server_default=sa.text("'NaN'"), nullable=False),
    sa.Column('mode', sa.SmallInteger(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90', name=op.f('ck_fix_on_earth')),
    sa.CheckConstraint('mode BETWEEN 1 AND 3', name=op.f('ck_fix_mode_known')),
    sa.PrimaryKeyConstraint('device_id', 'recorded_at', name=op.f('pk_fix')),
    postgresql_partition_by='RANGE (recorded_at)'
    )
    op.create_table('gap_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('computed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('stale', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap_report')),
    sa.UniqueConstraint('from_on', 'to_on', name=op.f('uq_gap_report_from_on_to_on'))
    )
    op.create_table('point_category',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.Column('required_interval_days', sa.Double(), server_default=sa.text('7'), nullable=False),
    sa.Column('service_minutes', sa.Double(), server_default=sa.text('10'), nullable=False),
    sa.Column('weight', sa.Double(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('required_interval_days > 0', name=op.f('ck_point_category_interval_positive')),
    sa.CheckConstraint('service_minutes >= 0', name=op.f('ck_point_category_service_not_negative')),
    sa.CheckConstraint('weight >= 0', name=op.f('ck_point_category_weight_not_negative')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_point_category'))
    )
    op.create_geospatial_table('route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('mode', sa.SmallInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('geom', Geometry(geometry_type='LINESTRING', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.CheckConstraint('geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom))', name=op.f('ck_route_geom_valid')),
    sa.CheckConstraint('mode BETWEEN 1 AND 3', name=op.f('ck_route_mode_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_route')),
    sa.UniqueConstraint('code', name=op.f('uq_route_code'))
    )
    op.create_geospatial_index('ix_route_geom', 'route', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('zone_level',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('rank', sa.SmallInteger(), nullable=False),
    sa.Column('name_zh', sa.String(), nullable=False),
    sa.Column('name_en', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_zone_level')),
    sa.UniqueConstraint('rank', name=op.f('uq_zone_level_rank'))
    )
    op.create_table('leader',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('title', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('phone', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_leader_department_id_department')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leader')),
    sa.UniqueConstraint('code', name=op.f('uq_leader_code'))
    )
    op.create_index(op.f('ix_leader_department_id'), 'leader', ['department_id'], unique=False)
    op.create_table('team',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('department_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['department_id'], ['department.id'], name=op.f('fk_team_department_id_department')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team')),
    sa.UniqueConstraint('code', name=op.f('uq_team_code'))
    )
    op.create_index(op.f('ix_team_department_id'), 'team', ['department_id'], unique=False)
    op.create_table('zone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('level', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['level'], ['zone_level.code'], name=op.f('fk_zone_level_zone_level')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone')),
    sa.UniqueConstraint('level', 'code', name=op.f('uq_zone_level_code'))
    )
    op.create_geospatial_table('gap',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('area_m2', sa.Double(), nullable=False),
    sa.Column('last_seen_on', sa.Date(), nullable=True),
    sa.Column('point_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('point_weight', sa.Double(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_gap_geom_valid')),
    sa.ForeignKeyConstraint(['report_id'], ['gap_report.id'], name=op.f('fk_gap_report_id_gap_report'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_gap_zone_id_zone'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gap'))
    )
    op.create_geospatial_index('ix_gap_geom', 'gap', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index('ix_gap_report_zone', 'gap', ['report_id', 'zone_id'], unique=False)
    op.create_index(op.f('ix_gap_zone_id'), 'gap', ['zone_id'], unique=False)
    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_member_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member')),
    sa.UniqueConstraint('code', name=op.f('uq_member_code'))
    )
    op.create_index(op.f('ix_member_team_id'), 'member', ['team_id'], unique=False)
    op.create_table('patrol',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(), server_default=sa.text("'draft'"), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("status IN ('draft', 'published', 'under_way', 'done', 'cancelled')", name=op.f('ck_patrol_status_known')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_patrol_time_order')),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_patrol_route_id_route')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_patrol_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol')),
    sa.UniqueConstraint('on_day', 'team_id', 'route_id', name=op.f('uq_patrol_on_day_team_id_route_id'))
    )
    op.create_index(op.f('ix_patrol_on_day'), 'patrol', ['on_day'], unique=False)
    op.create_index(op.f('ix_patrol_route_id'), 'patrol', ['route_id'], unique=False)
    op.create_index(op.f('ix_patrol_team_id'), 'patrol', ['team_id'], unique=False)
    op.create_table('app_user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('password_hash', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=True),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('scope_zone_id', sa.Integer(), nullable=True),
    sa.Column('locale', sa.String(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('failed_logins', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('session_epoch', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role <> 'leader' OR leader_id IS NOT NULL", name=op.f('ck_app_user_leader_is_somebody')),
    sa.CheckConstraint("role IN ('administrator', 'dispatcher', 'gis', 'leader', 'member')", name=op.f('ck_app_user_role_known')),
    sa.ForeignKeyConstraint(['leader_id'], ['leader.id'], name=op.f('fk_app_user_leader_id_leader')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_app_user_member_id_member')),
    sa.ForeignKeyConstraint(['scope_zone_id'], ['zone.id'], name=op.f('fk_app_user_scope_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_app_user'))
    )
    op.create_index(op.f('ix_app_user_leader_id'), 'app_user', ['leader_id'], unique=False)
    op.create_index(op.f('ix_app_user_member_id'), 'app_user', ['member_id'], unique=False)
    op.create_index(op.f('ix_app_user_scope_zone_id'), 'app_user', ['scope_zone_id'], unique=False)
    op.create_index('uq_app_user_login_lower', 'app_user', [sa.literal_column('lower(login)')], unique=True)
    op.create_table('assignment',
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_assignment_member_id_member')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_assignment_patrol_id_patrol'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('patrol_id', 'member_id', name=op.f('pk_assignment'))
    )
    op.create_index(op.f('ix_assignment_member_id'), 'assignment', ['member_id'], unique=False)
    op.create_table('device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_device_member_id_member')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_device_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
    sa.UniqueConstraint('code', name=op.f('uq_device_code'))
    )
    op.create_index(op.f('ix_device_member_id'), 'device', ['member_id'], unique=False)
    op.create_index(op.f('ix_device_team_id'), 'device', ['team_id'], unique=False)
    op.create_table('audit_entry',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('object_kind', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('object_id', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('previous_hash', postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    sa.Column('hash', postgresql.BYTEA(), server_default=sa.text("''::bytea"), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['app_user.id'], name=op.f('fk_audit_entry_user_id_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_index(op.f('ix_audit_entry_user_id'), 'audit_entry', ['user_id'], unique=False)
    op.create_table('device_day',
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('dirty', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('rebuild', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('covered_through', sa.DateTime(timezone=True), nullable=True),
    sa.Column('segment_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('refused', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_device_day_device_id_device')),
    sa.PrimaryKeyConstraint('device_id', 'day', name=op.f('pk_device_day'))
    )
    op.create_index('ix_device_day_dirty', 'device_day', ['day', 'device_id'], unique=False, postgresql_where=sa.text('dirty'))
    op.create_table('device_tile',
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('tx', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('ty', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_device_tile_device_id_device')),
    sa.PrimaryKeyConstraint('device_id', 'day', 'tx', 'ty', name=op.f('pk_device_tile'))
    )
    op.create_index('ix_device_tile_tile', 'device_tile', ['day', 'tx', 'ty'], unique=False)
    op.create_table('import_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('files', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('detected', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('new_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('changed_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('unchanged_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('removed_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rejected', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('repaired', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind IN ('zones', 'points', 'streets', 'tracks', 'contracts', 'exclusions')", name=op.f('ck_import_batch_kind_known')),
    sa.ForeignKeyConstraint(['created_by'], ['app_user.id'], name=op.f('fk_import_batch_created_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch'))
    )
    op.create_table('job',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('args', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('dedupe_key', sa.String(), nullable=True),
    sa.Column('state', sa.String(), server_default=sa.text("'queued'"), nullable=False),
    sa.Column('progress', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('stage', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('fence', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cancel_asked', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('error', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('requested_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f('ck_job_state_known')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_job_progress_percent')),
    sa.ForeignKeyConstraint(['requested_by'], ['app_user.id'], name=op.f('fk_job_requested_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    op.create_index('ix_job_open', 'job', ['state', 'id'], unique=False, postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.create_index('uq_job_open_dedupe_key', 'job', ['dedupe_key'], unique=True, postgresql_where=sa.text("state = 'queued' AND dedupe_key IS NOT NULL"))
    op.create_table('coverage_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job_id', sa.BigInteger(), nullable=True),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fix_count', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('segment_count', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('tile_count', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('refused', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_coverage_run_job_id_job'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coverage_run'))
    )
    op.create_index(op.f('ix_coverage_run_job_id'), 'coverage_run', ['job_id'], unique=False)
    op.create_geospatial_table('exclusion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('name', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('reason', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    postgresql.ExcludeConstraint((sa.text('code'), '='), (sa.text('daterange(valid_from, valid_to)'), '&&'), using='gist', name='ex_exclusion_validity'),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_exclusion_geom_valid')),
    sa.CheckConstraint('valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to', name=op.f('ck_exclusion_valid_order')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_exclusion_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by'], ['app_user.id'], name=op.f('fk_exclusion_created_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exclusion'))
    )
    op.create_index(op.f('ix_exclusion_batch_id'), 'exclusion', ['batch_id'], unique=False)
    op.create_geospatial_index('ix_exclusion_geom', 'exclusion', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_geospatial_table('point',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('required_interval_days', sa.Double(), nullable=True),
    sa.Column('service_minutes', sa.Double(), nullable=True),
    sa.Column('weight', sa.Double(), nullable=True),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('row_version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_point_geom_valid')),
    sa.CheckConstraint('required_interval_days > 0', name=op.f('ck_point_interval_positive')),
    sa.CheckConstraint('service_minutes >= 0', name=op.f('ck_point_service_not_negative')),
    sa.CheckConstraint('weight >= 0', name=op.f('ck_point_weight_not_negative')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_point_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['category'], ['point_category.code'], name=op.f('fk_point_category_point_category')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_point_zone_id_zone'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point')),
    sa.UniqueConstraint('code', name=op.f('uq_point_code'))
    )
    op.create_index(op.f('ix_point_batch_id'), 'point', ['batch_id'], unique=False)
    op.create_index(op.f('ix_point_category'), 'point', ['category'], unique=False)
    op.create_geospatial_index('ix_point_geom', 'point', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index(op.f('ix_point_zone_id'), 'point', ['zone_id'], unique=False)
    op.create_geospatial_table('street',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('street_class', sa.String(), server_default=sa.text("'unclassified'"), nullable=False),
    sa.Column('one_way', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('geom', Geometry(geometry_type='LINESTRING', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('row_version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_street_geom_valid')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_street_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_street_zone_id_zone'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_street')),
    sa.UniqueConstraint('code', name=op.f('uq_street_code'))
    )
    op.create_index(op.f('ix_street_batch_id'), 'street', ['batch_id'], unique=False)
    op.create_geospatial_index('ix_street_geom', 'street', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index(op.f('ix_street_name'), 'street', ['name'], unique=False)
    op.create_index(op.f('ix_street_zone_id'), 'street', ['zone_id'], unique=False)
    op.create_table('track',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.SmallInteger(), server_default=sa.text('1'), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fix_count', sa.Integer(), nullable=False),
    sa.Column('refused', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_track_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_track_device_id_device')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_track')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_track_client_uuid'))
    )
    op.create_index(op.f('ix_track_batch_id'), 'track', ['batch_id'], unique=False)
    op.create_index(op.f('ix_track_device_id'), 'track', ['device_id'], unique=False)
    op.create_index(op.f('ix_track_started_at'), 'track', ['started_at'], unique=False)
    op.create_geospatial_table('zone_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('path', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('row_version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    postgresql.ExcludeConstraint((sa.text('zone_id'), '='), (sa.text('daterange(valid_from, valid_to)'), '&&'), using='gist', name='ex_zone_version_validity'),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_zone_version_geom_valid')),
    sa.CheckConstraint('path[cardinality(path)] = zone_id', name=op.f('ck_zone_version_path_ends_here')),
    sa.CheckConstraint('valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to', name=op.f('ck_zone_version_valid_order')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_zone_version_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['parent_id'], ['zone.id'], name=op.f('fk_zone_version_parent_id_zone')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_zone_version_zone_id_zone'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone_version'))
    )
    op.create_index(op.f('ix_zone_version_batch_id'), 'zone_version', ['batch_id'], unique=False)
    op.create_geospatial_index('ix_zone_version_geom', 'zone_version', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index(op.f('ix_zone_version_parent_id'), 'zone_version', ['parent_id'], unique=False)
    op.create_index('ix_zone_version_path', 'zone_version', ['path'], unique=False, postgresql_using='gin')
    op.create_index(op.f('ix_zone_version_zone_id'), 'zone_version', ['zone_id'], unique=False)
    op.create_table('contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('leader_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(), server_default=sa.text("'leader'"), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('street_id', sa.Integer(), nullable=True),
    sa.Column('point_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    postgresql.ExcludeConstraint((sa.text('leader_id'), '='), (sa.text('role'), '='), (sa.text('coalesce(zone_id, 0)'), '='), (sa.text('coalesce(street_id, 0)'), '='), (sa.text('coalesce(point_id, 0)'), '='), (sa.text('daterange(valid_from, valid_to)'), '&&'), using='gist', name='ex_contract_twice'),
    sa.CheckConstraint('num_nonnulls(zone_id, street_id, point_id) = 1', name=op.f('ck_contract_one_ground')),
    sa.CheckConstraint('valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to', name=op.f('ck_contract_valid_order')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_contract_batch_id_import_batch'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['leader_id'], ['leader.id'], name=op.f('fk_contract_leader_id_leader')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_contract_point_id_point')),
    sa.ForeignKeyConstraint(['role'], ['contract_role.code'], name=op.f('fk_contract_role_contract_role')),
    sa.ForeignKeyConstraint(['street_id'], ['street.id'], name=op.f('fk_contract_street_id_street')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_contract_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract'))
    )
    op.create_index(op.f('ix_contract_batch_id'), 'contract', ['batch_id'], unique=False)
    op.create_index('ix_contract_leader_id', 'contract', ['leader_id'], unique=False)
    op.create_index(op.f('ix_contract_point_id'), 'contract', ['point_id'], unique=False)
    op.create_index(op.f('ix_contract_street_id'), 'contract', ['street_id'], unique=False)
    op.create_index(op.f('ix_contract_zone_id'), 'contract', ['zone_id'], unique=False)
    op.create_table('exclusion_mask',
    sa.Column('exclusion_id', sa.Integer(), nullable=False),
    sa.Column('tx', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('ty', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bits', postgresql.BIT(length=65536), nullable=False),
    sa.ForeignKeyConstraint(['exclusion_id'], ['exclusion.id'], name=op.f('fk_exclusion_mask_exclusion_id_exclusion'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('exclusion_id', 'tx', 'ty', name=op.f('pk_exclusion_mask'))
    )
    op.create_geospatial_table('route_stop',
    sa.Column('route_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=True),
    sa.Column('street_id', sa.Integer(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('service_minutes', sa.Double(), nullable=True),
    sa.CheckConstraint('num_nonnulls(point_id, street_id, geom) = 1', name=op.f('ck_route_stop_one_place')),
    sa.CheckConstraint('position > 0', name=op.f('ck_route_stop_position_positive')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_route_stop_point_id_point')),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_route_stop_route_id_route'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['street_id'], ['street.id'], name=op.f('fk_route_stop_street_id_street')),
    sa.PrimaryKeyConstraint('route_id', 'position', name=op.f('pk_route_stop'))
    )
    op.create_index(op.f('ix_route_stop_point_id'), 'route_stop', ['point_id'], unique=False)
    op.create_index(op.f('ix_route_stop_street_id'), 'route_stop', ['street_id'], unique=False)
    op.create_table('zone_mask',
    sa.Column('zone_version_id', sa.Integer(), nullable=False),
    sa.Column('tx', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('ty', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bits', postgresql.BIT(length=65536), nullable=False),
    sa.ForeignKeyConstraint(['zone_version_id'], ['zone_version.id'], name=op.f('fk_zone_mask_zone_version_id_zone_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('zone_version_id', 'tx', 'ty', name=op.f('pk_zone_mask'))
    )


def downgrade() -> None:
    op.drop_table('zone_mask')
    op.drop_index(op.f('ix_route_stop_street_id'), table_name='route_stop')
    op.drop_index(op.f('ix_route_stop_point_id'), table_name='route_stop')
    op.drop_geospatial_table('route_stop')
    op.drop_table('exclusion_mask')
    op.drop_index(op.f('ix_contract_zone_id'), table_name='contract')
    op.drop_index(op.f('ix_contract_street_id'), table_name='contract')
    op.drop_index(op.f('ix_contract_point_id'), table_name='contract')
    op.drop_index('ix_contract_leader_id', table_name='contract')
    op.drop_index(op.f('ix_contract_batch_id'), table_name='contract')
    op.drop_table('contract')
    op.drop_index(op.f('ix_zone_version_zone_id'), table_name='zone_version')
    op.drop_index('ix_zone_version_path', table_name='zone_version', postgresql_using='gin')
    op.drop_index(op.f('ix_zone_version_parent_id'), table_name='zone_version')
    op.drop_geospatial_index('ix_zone_version_geom', table_name='zone_version', postgresql_using='gist', column_name='geom')
    op.drop_index(op.f('ix_zone_version_batch_id'), table_name='zone_version')
    op.drop_geospatial_table('zone_version')
    op.drop_index(op.f('ix_track_started_at'), table_name='track')
    op.drop_index(op.f('ix_track_device_id'), table_name='track')
    op.drop_index(op.f('ix_track_batch_id'), table_name='track')
    op.drop_table('track')
    op.drop_index(op.f('ix_street_zone_id'), table_name='street')
    op.drop_index(op.f('ix_street_name'), table_name='street')
    op.drop_geospatial_index('ix_street_geom', table_name='street', postgresql_using='gist', column_name='geom')
    op.drop_index(op.f('ix_street_batch_id'), table_name='street')
    op.drop_geospatial_table('street')
    op.drop_index(op.f('ix_point_zone_id'), table_name='point')
    op.drop_geospatial_index('ix_point_geom', table_name='point', postgresql_using='gist', column_name='geom')
    op.drop_index(op.f('ix_point_category'), table_name='point')
    op.drop_index(op.f('ix_point_batch_id'), table_name='point')
    op.drop_geospatial_table('point')
    op.drop_geospatial_index('ix_exclusion_geom', table_name='exclusion', postgresql_using='gist', column_name='geom')
    op.drop_index(op.f('ix_exclusion_batch_id'), table_name='exclusion')
    op.drop_geospatial_table('exclusion')
    op.drop_index(op.f('ix_coverage_run_job_id'), table_name='coverage_run')
    op.drop_table('coverage_run')
    op.drop_index('uq_job_open_dedupe_key', table_name='job', postgresql_where=sa.text("state = 'queued' AND dedupe_key IS NOT NULL"))
    op.drop_index('ix_job_open', table_name='job', postgresql_where=sa.text("state IN ('queued', 'running')"))
    op.drop_table('job')
    op.drop_table('import_batch')
    op.drop_index('ix_device_tile_tile', table_name='device_tile')
    op.drop_table('device_tile')
    op.drop_index('ix_device_day_dirty', table_name='device_day', postgresql_where=sa.text('dirty'))
    op.drop_table('device_day')
    op.drop_index(op.f('ix_audit_entry_user_id'), table_name='audit_entry')
    op.drop_table('audit_entry')
    op.drop_index(op.f('ix_device_team_id'), table_name='device')
    op.drop_index(op.f('ix_device_member_id'), table_name='device')
    op.drop_table('device')
    op.drop_index(op.f('ix_assignment_member_id'), table_name='assignment')
    op.drop_table('assignment')
    op.drop_index('uq_app_user_login_lower', table_name='app_user')
    op.drop_index(op.f('ix_app_user_scope_zone_id'), table_name='app_user')
    op.drop_index(op.f('ix_app_user_member_id'), table_name='app_user')
    op.drop_index(op.f('ix_app_user_leader_id'), table_name='app_user')
    op.drop_table('app_user')
    op.drop_index(op.f('ix_patrol_team_id'), table_name='patrol')
    op.drop_index(op.f('ix_patrol_route_id'), table_name='patrol')
    op.drop_index(op.f('ix_patrol_on_day'), table_name='patrol')
    op.drop_table('patrol')
    op.drop_index(op.f('ix_member_team_id'), table_name='member')
    op.drop_table('member')
    op.drop_index(op.f('ix_gap_zone_id'), table_name='gap')
    op.drop_index('ix_gap_report_zone', table_name='gap')
    op.drop_geospatial_index('ix_gap_geom', table_name='gap', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('gap')
    op.drop_table('zone')
    op.drop_index(op.f('ix_team_department_id'), table_name='team')
    op.drop_table('team')
    op.drop_index(op.f('ix_leader_department_id'), table_name='leader')
    op.drop_table('leader')
    op.drop_table('zone_level')
    op.drop_geospatial_index('ix_route_geom', table_name='route', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('route')
    op.drop_table('point_category')
    op.drop_table('gap_report')
    op.drop_table('fix')
    op.drop_table('deployment')
    op.drop_table('department')
    op.drop_table('coverage_tile')
    op.drop_table('contract_role')
