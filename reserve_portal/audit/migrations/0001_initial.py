import django.core.serializers.json
import django.db.models.deletion
import reserve_portal.core.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.PositiveIntegerField(verbose_name='Событий')),
                ('digest', models.CharField(max_length=64, verbose_name='Хэш событий')),
                ('chain', models.CharField(max_length=64, verbose_name='Хэш цепочки')),
                ('sealed_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Опечатано')),
            ],
            options={
                'verbose_name': 'Опечатанный блок журнала',
                'verbose_name_plural': 'Опечатанные блоки журнала',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField(db_index=True, default=reserve_portal.core.clock.now, verbose_name='Когда')),
                ('actor_label', models.CharField(max_length=250, verbose_name='Кто (запись)')),
                ('action', models.CharField(db_index=True, max_length=80, verbose_name='Действие')),
                ('object_label', models.CharField(blank=True, max_length=250, verbose_name='Над чем')),
                ('is_read', models.BooleanField(default=False, verbose_name='Чтение')),
                ('details', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='Подробности')),
                ('address', models.GenericIPAddressField(blank=True, null=True, verbose_name='Адрес')),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='audit.auditbatch', verbose_name='Блок')),
                ('content_type', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Чьи данные')),
            ],
            options={
                'verbose_name': 'Событие',
                'verbose_name_plural': 'Журнал действий',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['content_type', 'object_id'], name='audit_audit_content_c1f818_idx'), models.Index(fields=['person', 'is_read', 'at'], name='audit_audit_person__53fcfb_idx')],
            },
        ),
    ]
