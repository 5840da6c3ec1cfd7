"""Plans of patrols, the teams, hours and days they are made of, what was said on the way, and devices that report.

Revises 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

EVERYTHING = "(SELECT current_setting('app.everything', true)) = 'on'"
ZONES = "((SELECT coalesce(nullif(current_setting('app.zones', true), ''), '{}'))::int[])"
# What is wanted is seen by whom its ground is shown to.
WITHIN = f"zone_id = ANY {ZONES} OR point_id IN (SELECT id FROM point) OR street_id IN (SELECT id FROM street)"
TEAM_CHECKS = {
    "mode_known": "mode BETWEEN 1 AND 3",
    "shift_order": "shift_to > shift_from",
    "break_not_negative": "break_minutes >= 0",
    "break_order": "(break_from IS NULL) = (break_to IS NULL) AND break_to > break_from",
}


def upgrade() -> None:
    op.create_table('point_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.CheckConstraint("kind IN ('together', 'apart')", name=op.f('ck_point_group_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_point_group'))
    )
    op.create_table('patrol_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('route_id', sa.Integer(), nullable=True),
    sa.Column('weekdays', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.Column('days', sa.String(), server_default=sa.text("'working'"), nullable=False),
    sa.Column('starts', sa.Time(), nullable=False),
    sa.Column('ends', sa.Time(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint("days IN ('all', 'working', 'resting')", name=op.f('ck_patrol_template_days_known')),
    sa.CheckConstraint('ends > starts', name=op.f('ck_patrol_template_time_order')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_patrol_template_validity_order')),
    sa.CheckConstraint('weekdays <@ ARRAY[1,2,3,4,5,6,7]::smallint[] AND cardinality(weekdays) > 0', name=op.f('ck_patrol_template_weekdays_known')),
    sa.ForeignKeyConstraint(['route_id'], ['route.id'], name=op.f('fk_patrol_template_route_id_route')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_patrol_template_team_id_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patrol_template')),
    sa.UniqueConstraint('code', name=op.f('uq_patrol_template_code'))
    )
    op.create_index(op.f('ix_patrol_template_route_id'), 'patrol_template', ['route_id'], unique=False)
    op.create_index(op.f('ix_patrol_template_team_id'), 'patrol_template', ['team_id'], unique=False)
    op.create_table('team_zone',
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('zone_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_team_zone_team_id_team'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_team_zone_zone_id_zone'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('team_id', 'zone_id', name=op.f('pk_team_zone'))
    )
    op.create_index(op.f('ix_team_zone_zone_id'), 'team_zone', ['zone_id'], unique=False)
    op.create_table('calendar_day',
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('working', sa.Boolean(), nullable=False),
    sa.Column('name', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('set_by', sa.Integer(), nullable=True),
    sa.Column('set_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['set_by'], ['app_user.id'], name=op.f('fk_calendar_day_set_by_app_user')),
    sa.PrimaryKeyConstraint('on_day', name=op.f('pk_calendar_day'))
    )
    op.create_index(op.f('ix_calendar_day_set_by'), 'calendar_day', ['set_by'], unique=False)
    op.create_table('calendar_feed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('secret_sha256', sa.LargeBinary(), nullable=False),
    sa.Column('name', sa.Text(), server_default=sa.text("''"), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_calendar_feed_made_by_app_user')),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], name=op.f('fk_calendar_feed_team_id_team'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('secret_sha256', name=op.f('uq_calendar_feed_secret_sha256'))
    )
    op.create_index(op.f('ix_calendar_feed_made_by'), 'calendar_feed', ['made_by'], unique=False)
    op.create_index(op.f('ix_calendar_feed_team_id'), 'calendar_feed', ['team_id'], unique=False)
    op.create_table('plan',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), server_default=sa.text("'points'"), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(), server_default=sa.text("'asked'"), nullable=False),
    sa.Column('wish', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('version_number', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('published_number', sa.Integer(), nullable=True),
    sa.Column('based_on_id', sa.Integer(), nullable=True),
    sa.Column('job_id', sa.BigInteger(), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('points', 'streets')", name=op.f('ck_plan_kind_known')),
    sa.CheckConstraint("state IN ('asked', 'ready', 'failed', 'published', 'withdrawn')", name=op.f('ck_plan_state_known')),
    sa.CheckConstraint('to_on >= from_on', name=op.f('ck_plan_days_order')),
    sa.ForeignKeyConstraint(['based_on_id'], ['plan.id'], name=op.f('fk_plan_based_on_id_plan'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by'], ['app_user.id'], name=op.f('fk_plan_created_by_app_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan'))
    )
    op.create_index(op.f('ix_plan_based_on_id'), 'plan', ['based_on_id'], unique=False)
    op.create_index(op.f('ix_plan_created_by'), 'plan', ['created_by'], unique=False)
    op.create_index(op.f('ix_plan_from_on'), 'plan', ['from_on'], unique=False)
    op.create_table('quarantined_fix',
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('lon', sa.DOUBLE_PRECISION(), nullable=False),
    sa.Column('lat', sa.DOUBLE_PRECISION(), nullable=False),
    sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_quarantined_fix_device_id_device'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('device_id', 'recorded_at', name=op.f('pk_quarantined_fix'))
    )
    op.create_table('arrival',
    sa.Column('id', sa.BigInteger(), nullable=False),
    sa.Column('device_id', sa.Integer(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_arrival'))
    )
    op.create_table('plan_costs',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('places', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_costs_plan_id_plan'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('plan_id', 'mode', name=op.f('pk_plan_costs'))
    )
    op.create_table('plan_version',
    sa.Column('plan_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('change', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['made_by'], ['app_user.id'], name=op.f('fk_plan_version_made_by_app_user')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_version_plan_id_plan'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('plan_id', 'number', name=op.f('pk_plan_version'))
    )
    op.create_index(op.f('ix_plan_version_made_by'), 'plan_version', ['made_by'], unique=False)
    op.create_table('point_group_member',
    sa.Column('group_id', sa.Integer(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['point_group.id'], name=op.f('fk_point_group_member_group_id_point_group'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_point_group_member_point_id_point'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'point_id', name=op.f('pk_point_group_member'))
    )
    op.create_index(op.f('ix_point_group_member_point_id'), 'point_group_member', ['point_id'], unique=False)
    op.create_table('point_rule',
    sa.Column('point_id', sa.Integer(), nullable=False),
    sa.Column('opening', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('skills', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_point_rule_point_id_point'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('point_id', name=op.f('pk_point_rule'))
    )
    op.create_table('stop_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('patrol_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('has_findings', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('note', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('lon', sa.Double(), nullable=True),
    sa.Column('lat', sa.Double(), nullable=True),
    sa.Column('client_uuid', sa.Uuid(), nullable=True),
    sa.CheckConstraint("outcome IN ('done', 'skipped')", name=op.f('ck_stop_report_outcome_known')),
    sa.CheckConstraint("(outcome = 'skipped') = (reason IS NOT NULL)", name=op.f('ck_stop_report_skipped_with_reason')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_stop_report_member_id_member')),
    sa.ForeignKeyConstraint(['patrol_id'], ['patrol.id'], name=op.f('fk_stop_report_patrol_id_patrol'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_report')),
    sa.UniqueConstraint('client_uuid', name=op.f('uq_stop_report_client_uuid'))
    )
    op.create_index(op.f('ix_stop_report_member_id'), 'stop_report', ['member_id'], unique=False)
    op.create_index(op.f('ix_stop_report_patrol_id'), 'stop_report', ['patrol_id'], unique=False)
    op.create_geospatial_table('wanted_stop',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('point_id', sa.Integer(), nullable=True),
    sa.Column('street_id', sa.Integer(), nullable=True),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True),
    sa.Column('zone_id', sa.Integer(), nullable=True),
    sa.Column('label', sa.String(), server_default=sa.text("''"), nullable=False),
    sa.Column('service_minutes', sa.Double(), server_default=sa.text('5'), nullable=False),
    sa.Column('weight', sa.Double(), server_default=sa.text('1'), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('gap', 'point', 'street', 'place')", name=op.f('ck_wanted_stop_kind_known')),
    sa.CheckConstraint('num_nonnulls(point_id, street_id, geom) = 1', name=op.f('ck_wanted_stop_one_place')),
    sa.CheckConstraint('service_minutes >= 0 AND weight >= 0', name=op.f('ck_wanted_stop_not_negative')),
    sa.ForeignKeyConstraint(['asked_by'], ['app_user.id'], name=op.f('fk_wanted_stop_asked_by_app_user')),
    sa.ForeignKeyConstraint(['point_id'], ['point.id'], name=op.f('fk_wanted_stop_point_id_point'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['street_id'], ['street.id'], name=op.f('fk_wanted_stop_street_id_street'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_wanted_stop_zone_id_zone'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_wanted_stop'))
    )
    op.create_index(op.f('ix_wanted_stop_asked_by'), 'wanted_stop', ['asked_by'], unique=False)
    op.create_index(op.f('ix_wanted_stop_from_on'), 'wanted_stop', ['from_on'], unique=False)
    op.create_geospatial_index('ix_wanted_stop_geom', 'wanted_stop', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_index(op.f('ix_wanted_stop_point_id'), 'wanted_stop', ['point_id'], unique=False)
    op.create_index(op.f('ix_wanted_stop_street_id'), 'wanted_stop', ['street_id'], unique=False)
    op.create_index(op.f('ix_wanted_stop_zone_id'), 'wanted_stop', ['zone_id'], unique=False)
    op.create_index('uq_wanted_stop_point', 'wanted_stop', ['point_id'], unique=True, postgresql_where=sa.text('done_at IS NULL AND dropped_at IS NULL'))
    op.create_index('uq_wanted_stop_street', 'wanted_stop', ['street_id'], unique=True, postgresql_where=sa.text('done_at IS NULL AND dropped_at IS NULL'))
    op.add_column('device', sa.Column('token_sha256', sa.LargeBinary(), nullable=True))
    op.add_column('device', sa.Column('token_made_at', sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f('uq_device_token_sha256'), 'device', ['token_sha256'])
    op.add_column('patrol', sa.Column('plan_id', sa.Integer(), nullable=True))
    op.add_column('patrol', sa.Column('template_id', sa.Integer(), nullable=True))
    op.add_column('patrol', sa.Column('started_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('patrol', sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f('ix_patrol_plan_id'), 'patrol', ['plan_id'], unique=False)
    op.create_index(op.f('ix_patrol_template_id'), 'patrol', ['template_id'], unique=False)
    op.create_foreign_key(op.f('fk_patrol_template_id_patrol_template'), 'patrol', 'patrol_template', ['template_id'], ['id'], ondelete='SET NULL')
    op.create_foreign_key(op.f('fk_patrol_plan_id_plan'), 'patrol', 'plan', ['plan_id'], ['id'], ondelete='SET NULL')
    op.add_column('route_stop', sa.Column('label', sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column('route_stop', sa.Column('weight', sa.Double(), server_default=sa.text('1'), nullable=False))
    op.add_column('route_stop', sa.Column('arrive_s', sa.Double(), nullable=True))
    op.add_column('route_stop', sa.Column('leave_s', sa.Double(), nullable=True))
    op.add_column('route_stop', sa.Column('wanted_id', sa.Integer(), nullable=True))
    op.create_index(op.f('ix_route_stop_wanted_id'), 'route_stop', ['wanted_id'], unique=False)
    op.create_foreign_key(op.f('fk_route_stop_wanted_id_wanted_stop'), 'route_stop', 'wanted_stop', ['wanted_id'], ['id'], ondelete='SET NULL')
    op.add_column('team', sa.Column('mode', sa.SmallInteger(), server_default=sa.text('1'), nullable=False))
    op.add_column('team', sa.Column('skills', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.add_geospatial_column('team', sa.Column('depot', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True))
    op.add_geospatial_column('team', sa.Column('end_depot', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True))
    op.add_column('team', sa.Column('shift_from', sa.Time(), server_default=sa.text("'08:30'"), nullable=False))
    op.add_column('team', sa.Column('shift_to', sa.Time(), server_default=sa.text("'17:30'"), nullable=False))
    op.add_column('team', sa.Column('break_from', sa.Time(), nullable=True))
    op.add_column('team', sa.Column('break_to', sa.Time(), nullable=True))
    op.add_column('team', sa.Column('break_minutes', sa.Double(), server_default=sa.text('0'), nullable=False))
    op.add_column('team', sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False))
    for name, condition in TEAM_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_team_{name}"), "team", condition)
    op.execute("ALTER TABLE wanted_stop ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE wanted_stop FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY scope ON wanted_stop USING ({EVERYTHING} OR {WITHIN})")


def downgrade() -> None:
    op.drop_column('team', 'active')
    op.drop_column('team', 'break_minutes')
    op.drop_column('team', 'break_to')
    op.drop_column('team', 'break_from')
    op.drop_column('team', 'shift_to')
    op.drop_column('team', 'shift_from')
    op.drop_geospatial_column('team', 'end_depot')
    op.drop_geospatial_column('team', 'depot')
    op.drop_column('team', 'skills')
    op.drop_column('team', 'mode')
    op.drop_constraint(op.f('fk_route_stop_wanted_id_wanted_stop'), 'route_stop', type_='foreignkey')
    op.drop_index(op.f('ix_route_stop_wanted_id'), table_name='route_stop')
    op.drop_column('route_stop', 'wanted_id')
    op.drop_column('route_stop', 'leave_s')
    op.drop_column('route_stop', 'arrive_s')
    op.drop_column('route_stop', 'weight')
    op.drop_column('route_stop', 'label')
    op.drop_constraint(op.f('fk_patrol_plan_id_plan'), 'patrol', type_='foreignkey')
    op.drop_constraint(op.f('fk_patrol_template_id_patrol_template'), 'patrol', type_='foreignkey')
    op.drop_index(op.f('ix_patrol_template_id'), table_name='patrol')
    op.drop_index(op.f('ix_patrol_plan_id'), table_name='patrol')
    op.drop_column('patrol', 'finished_at')
    op.drop_column('patrol', 'started_at')
    op.drop_column('patrol', 'template_id')
    op.drop_column('patrol', 'plan_id')
    op.drop_constraint(op.f('uq_device_token_sha256'), 'device', type_='unique')
    op.drop_column('device', 'token_made_at')
    op.drop_column('device', 'token_sha256')
    op.drop_index('uq_wanted_stop_street', table_name='wanted_stop', postgresql_where=sa.text('done_at IS NULL AND dropped_at IS NULL'))
    op.drop_index('uq_wanted_stop_point', table_name='wanted_stop', postgresql_where=sa.text('done_at IS NULL AND dropped_at IS NULL'))
    op.drop_index(op.f('ix_wanted_stop_zone_id'), table_name='wanted_stop')
    op.drop_index(op.f('ix_wanted_stop_street_id'), table_name='wanted_stop')
    op.drop_index(op.f('ix_wanted_stop_point_id'), table_name='wanted_stop')
    op.drop_geospatial_index('ix_wanted_stop_geom', table_name='wanted_stop', postgresql_using='gist', column_name='geom')
    op.drop_index(op.f('ix_wanted_stop_from_on'), table_name='wanted_stop')
    op.drop_index(op.f('ix_wanted_stop_asked_by'), table_name='wanted_stop')
    op.drop_geospatial_table('wanted_stop')
    op.drop_index(op.f('ix_stop_report_patrol_id'), table_name='stop_report')
    op.drop_index(op.f('ix_stop_report_member_id'), table_name='stop_report')
    op.drop_table('stop_report')
    op.drop_table('point_rule')
    op.drop_index(op.f('ix_point_group_member_point_id'), table_name='point_group_member')
    op.drop_table('point_group_member')
    op.drop_index(op.f('ix_plan_version_made_by'), table_name='plan_version')
    op.drop_table('plan_version')
    op.drop_table('plan_costs')
    op.drop_table('arrival')
    op.drop_table('quarantined_fix')
    op.drop_index(op.f('ix_plan_from_on'), table_name='plan')
    op.drop_index(op.f('ix_plan_created_by'), table_name='plan')
    op.drop_index(op.f('ix_plan_based_on_id'), table_name='plan')
    op.drop_table('plan')
    op.drop_index(op.f('ix_calendar_feed_team_id'), table_name='calendar_feed')
    op.drop_index(op.f('ix_calendar_feed_made_by'), table_name='calendar_feed')
    op.drop_table('calendar_feed')
    op.drop_index(op.f('ix_calendar_day_set_by'), table_name='calendar_day')
    op.drop_table('calendar_day')
    op.drop_index(op.f('ix_team_zone_zone_id'), table_name='team_zone')
    op.drop_table('team_zone')
    op.drop_index(op.f('ix_patrol_template_team_id'), table_name='patrol_template')
    op.drop_index(op.f('ix_patrol_template_route_id'), table_name='patrol_template')
    op.drop_table('patrol_template')
    op.drop_table('point_group')
